"""See servers that were told not to warm up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions, roles
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.serves(state)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A live command line with the engine's option against its own warm-up."""
    for process in state.processes:
        engine = questions.engine_of(process)
        if engine is None:
            continue
        for name in engine.names("no-warm-up"):
            if roles.option(process, name).present is True:
                yield Sighting(
                    process,
                    f"{questions.engine_title(process)} runs with {name}: its own warm-up, which costs nothing before a capture, did not run, so "
                    "what it prepares is prepared again in every restored container.",
                    f"Remove {name}.",
                    name,
                )
