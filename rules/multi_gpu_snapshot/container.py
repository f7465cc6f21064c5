"""See processes that hold more than one GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.holds_cuda(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process with CUDA state that has several GPUs open."""
    for process in state.processes:
        held = questions.gpus_held(process)
        if held > 1 and questions.holds_cuda(process):
            yield Sighting(
                process,
                f"{process.title} holds {held} GPUs. Captures with more than one GPU usually fail or hang, in the checkpoint or in the restore.",
                'Serve from one GPU (gpu="H100" and not "H100:2"), or take no GPU snapshot of this app.',
            )
