"""See weights that wait in host memory while the GPU is nearly empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

# A context with nothing in it takes some 500 MiB on an H100.
EMPTY_CONTEXT = 1 << 30
ENOUGH = 1 << 30


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process with a context and next to no GPU memory that maps weights in place of holding them on the GPU."""
    for process in state.processes:
        memory = process.cuda.memory if process.cuda is not None else None
        if memory is None or memory >= EMPTY_CONTEXT or not questions.has_context(process) or _sleeps(process):
            continue
        waiting = sum(one.mapped.resident or 0 for one in questions.weights(state) if one.process.pid == process.pid)
        if waiting >= ENOUGH:
            yield Sighting(
                process,
                f"{process.title} keeps {questions.size(waiting)} of weights in host memory and {questions.size(memory)} on the GPU: a GPU snapshot "
                "holds next to nothing of the model, and every call brings the weights over again.",
                'Move the whole model to the GPU before the hook ends (.to("cuda")), without an offload hook; take a larger GPU if it does not fit.',
                confidence=Confidence.LIKELY,
            )


def _sleeps(process: Process) -> bool:
    """Whether its engine gives GPU memory back on purpose before a capture."""
    engine = questions.engine_of(process)
    return engine is not None and engine.snapshot_protocol
