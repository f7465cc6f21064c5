"""See servers whose model has not started yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.container.roles import ROUTER
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.runs(state, "llama-server", "ollama")


def check(state: ContainerState) -> Iterator[Sighting]:
    """A router or Ollama with no process below it that holds a model."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        family = (process, *questions.below(state, process))
        if process.role != ROUTER or any(_may_hold_model(state, one) for one in family):
            continue
        yield Sighting(
            process,
            f"{questions.engine_title(process)} holds no model: it starts the process that does at the first request, and none has come. "
            "Captured now, every restored container loads the model at its first request.",
            "Send a real request for the model before the hook ends (and for Ollama keep it loaded, keep_alive=-1).",
        )


def _may_hold_model(state: ContainerState, process: Process) -> bool:
    """By its role, by CUDA state of its own, by weights that it maps; or it could not be seen."""
    if process.role != ROUTER and process.engine:
        return True
    maps = any(found.process.pid == process.pid for found in questions.weights(state))
    return maps or questions.has_context(process) or questions.unseen(state, process, "command line", "environment", "process tree")
