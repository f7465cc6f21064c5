"""See servers whose model has not started yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.runs(state, "llama-server", "ollama")


def check(state: ContainerState) -> Iterator[Sighting]:
    """A router or Ollama with no process below it that holds a model."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        if process.role != "router" or any(_holds_model(one.engine, one.role) for one in questions.below(state, process)):
            continue
        yield Sighting(
            process,
            f"{questions.engine_title(process)} holds no model: it starts the process that does at the first request, and none has come. "
            "Captured now, every restored container loads the model at its first request.",
            "Send a real request for the model before the hook ends (and for Ollama keep it loaded, keep_alive=-1).",
        )


def _holds_model(engine: str, role: str) -> bool:
    return bool(engine) and role in ("server", "runner", "model of a router")
