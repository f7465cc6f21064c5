"""See weights that wait in host memory while the GPU is nearly empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import GGUF
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process
    from snapdoctor.container.questions import Weights

# A context with nothing in it takes some 500 MiB on an H100.
EMPTY_CONTEXT = 1 << 30
ENOUGH = 1 << 30


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process with a context and next to no GPU memory that maps weights in place of holding them on the GPU."""
    for process in state.processes:
        memory = _memory_at_most(state, process)
        if memory is None or memory >= EMPTY_CONTEXT or not questions.has_context(process) or _sleeps(process):
            continue
        mapped = [one for one in questions.weights(state) if one.process.pid == process.pid]
        waiting = sum(one.mapped.resident or 0 for one in mapped)
        if waiting >= ENOUGH:
            yield Sighting(
                process,
                f"{process.title} keeps {questions.size(waiting)} of weights in host memory and no more than {questions.size(memory)} on the GPU: a GPU snapshot "
                "holds next to nothing of the model, and every call brings the weights over again.",
                _help(mapped),
                confidence=Confidence.LIKELY,
            )


def _memory_at_most(state: ContainerState, process: Process) -> int | None:
    """Its GPU memory, or all that anybody uses on the GPUs where it is not told by process."""
    if process.cuda is not None and process.cuda.memory is not None:
        return process.cuda.memory
    return sum(gpu.used for gpu in state.gpus) if state.gpus else None


def _help(mapped: list[Weights]) -> str:
    if all(one.file.content == GGUF for one in mapped):
        return "Put all layers on the GPU (n_gpu_layers=-1, or -ngl all on a server's command line); take a larger GPU if they do not fit."
    return (
        'Move the whole model to the GPU before the hook ends (.to("cuda")), without an offload hook; take a larger GPU if it does not fit.'
    )


def _sleeps(process: Process) -> bool:
    """Whether its engine gives GPU memory back on purpose before a capture."""
    engine = questions.engine_of(process)
    return engine is not None and engine.snapshot_protocol
