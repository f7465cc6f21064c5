"""See CUDA managed memory in live processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import CHECKPOINTED
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

GGML_SWITCH = "GGML_CUDA_ENABLE_UNIFIED_MEMORY"


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process that maps more of /dev/nvidia-uvm than a context does by itself."""
    for process in state.processes:
        managed = _managed(process)
        if managed <= 0:
            continue
        switch = questions.variable(process, GGML_SWITCH)
        yield Sighting(
            process,
            f"{process.title} has {questions.size(managed)} of CUDA managed memory. The driver cannot checkpoint a process that has any, so no "
            "snapshot is made.",
            f"Remove {GGML_SWITCH} from its environment; setting it to 0 does not switch it off."
            if switch is not None
            else "Use plain device memory: no cudaMallocManaged, no managed allocator of CuPy, RMM or Numba, no paged optimizer of bitsandbytes.",
            questions.UVM,
        )


def _managed(process: Process) -> int:
    """Bytes of managed memory: what is mapped of the device beyond the range that comes with a context."""
    if process.cuda is None or process.cuda.state == CHECKPOINTED:
        return 0
    return max((use.size - questions.DRIVERS_OWN_UVM for use in process.cuda.devices if use.path == questions.UVM), default=0)
