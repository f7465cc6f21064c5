"""See processes that hold more than one GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.holds_cuda(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process with CUDA state that has several GPUs open, or several that NCCL links."""
    linked = questions.linked_by_nccl(state)
    for process in state.processes:
        held = questions.gpus_held(process)
        if held < 2 or not questions.holds_cuda(process):
            continue
        if process in linked:
            yield Sighting(
                process,
                f"{process.title} has {held} GPUs open and NCCL loaded, as {_others(len(linked) - 1)}. Where NCCL links GPUs, the capture succeeds and "
                "every restore fails (CUDA_ERROR_NOT_SUPPORTED).",
                f"Serve from one GPU. Or switch NCCL's links off ({' '.join(f'{name}=1' for name in questions.LINKS_OFF)}), and rehearse it.",
                severity=Severity.ERROR,
                confidence=Confidence.LIKELY,
            )
        else:
            yield Sighting(
                process,
                f"{process.title} has {held} GPUs open. Modal calls GPU snapshots of more than one GPU generally incompatible; a process that is alone "
                "on them was captured and restored in our runs.",
                'Serve from one GPU (gpu="H100" and not "H100:2"), or try the restore before you trust it.',
            )


def _others(count: int) -> str:
    return "another process has" if count == 1 else f"{count} other processes have"
