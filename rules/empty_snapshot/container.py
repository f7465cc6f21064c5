"""See a container that holds nothing worth capturing, just before its capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.conditions import weight
from snapdoctor.container.model import BEFORE_SNAPSHOT
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState

# Modal's own runtime holds 46 MB at the pause (facts: rehearsals with modal 1.6.4); an app with torch imported holds more than this.
NOTHING = 128 << 20


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return state.modal.phase == BEFORE_SNAPSHOT


def check(state: ContainerState) -> Iterator[Sighting]:
    """A GPU container before its capture with no CUDA state, no engine and hardly any memory."""
    if state.modal.phase != BEFORE_SNAPSHOT or not state.gpus or any(gap.subject == "process" for gap in state.gaps):
        return
    if any(process.cuda is not None or process.engine for process in state.processes) or any(questions.weights(state)):
        return
    held = weight(state)
    if held.image < NOTHING:
        yield Sighting(
            questions.main_process(state),
            f"Nothing but a Python interpreter will be captured: {questions.size(held.image)} of memory, no CUDA state, no engine. "
            "Every restored container loads its model as if there were no snapshot.",
            "Load the model and run it once in @modal.enter(snap=True).",
            confidence=Confidence.LIKELY,
        )
