"""See processes that hold GPU devices without CUDA state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.runtimes import GVISOR, INHERITED_GPU_DEVICE, refused
from snapdoctor.engines.torch import COMPILE_WORKER
from snapdoctor.finding import Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState

AGE = "gVisor before June 2026 and CRIU refuse to save such a process; later ones, which Modal most likely runs, save it."


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.holds_cuda(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A forked child with its parent's device descriptors; compile workers have a rule of their own."""
    refuses = refused(state.runtime, INHERITED_GPU_DEVICE)
    for process in state.processes:
        if not questions.inherits_devices(state, process) or process.role == COMPILE_WORKER or process.cuda is None:
            continue
        count = sum(use.descriptors for use in process.cuda.devices)
        certain = refuses is True and state.runtime.kind == GVISOR
        says = "The gVisor that runs this container refuses to save such a process." if certain else AGE
        yield Sighting(
            process,
            f"{process.title} was forked after CUDA was initialised: it holds {count} descriptors of GPU devices and no CUDA state, so the driver "
            f"cannot checkpoint it. {says} Each one makes the image larger.",
            'End it before the hook returns, or start it with the "spawn" method, or before CUDA is first used (DataLoader: num_workers=0).',
            severity=Severity.ERROR if certain else None,
        )
