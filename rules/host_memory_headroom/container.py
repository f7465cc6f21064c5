"""Add up whether the container's memory holds the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.conditions import weight
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes) and state.limits.memory is not None


def check(state: ContainerState) -> Iterator[Sighting]:
    """A memory limit below what the processes surely hold and the GPU's contents together."""
    limit, held = state.limits.memory, weight(state)
    needed = held.host_at_least + held.gpu
    if limit is None or not held.gpu or state.modal.phase == AFTER_SNAPSHOT or needed <= limit:
        return
    # Without process ids to go by, all that is used on the GPUs counts, by whomever.
    by_process = any(process.cuda is not None and process.cuda.memory is not None for process in state.processes)
    yield Sighting(
        questions.main_process(state),
        f"The checkpoint copies {questions.size(held.gpu)} of GPU memory into processes that hold at least {questions.size(held.host_at_least)} "
        f"already: {questions.size(needed)} together, and the container's limit is {questions.size(limit)}. It is killed for memory before there "
        "is a snapshot.",
        f"Ask for at least memory={needed * 11 // 10 >> 20} (MiB; a limit, if you set one, is the second number), or give GPU memory back "
        "before the capture (sleep, release).",
        confidence=Confidence.CERTAIN if by_process else Confidence.LIKELY,
    )
