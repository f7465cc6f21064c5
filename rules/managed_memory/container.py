"""See CUDA managed memory in live processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import CHECKPOINTED
from snapdoctor.engines.llama_server import UNIFIED_MEMORY
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

NO_CHECKPOINT = "The driver cannot checkpoint a process that has any, so no snapshot is made."
REMOVE = f"Remove {UNIFIED_MEMORY} from its environment; setting it to 0 does not switch it off."
# The size of a context's own range was measured with this one.
MEASURED_DRIVER = "580."


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process that maps more of /dev/nvidia-uvm than a context does by itself, or a llama.cpp with a context that was told to use it."""
    for process in state.processes:
        managed = _managed(process)
        if managed <= 0:
            yield from _told_to(process)
            continue
        switch = questions.variable(process, UNIFIED_MEMORY)
        yield Sighting(
            process,
            f"{process.title} has {questions.size(managed)} of CUDA managed memory. {NO_CHECKPOINT}",
            REMOVE
            if switch is not None
            else "Use plain device memory: no cudaMallocManaged, no managed allocator of CuPy, RMM or Numba, no paged optimizer of bitsandbytes.",
            questions.UVM,
            confidence=Confidence.CERTAIN if state.runtime.driver.startswith(MEASURED_DRIVER) else Confidence.LIKELY,
        )


def _told_to(process: Process) -> Iterator[Sighting]:
    """llama.cpp allocates nothing but managed memory once the variable is set, whatever its value; where its mappings do not show it."""
    engine = questions.engine_of(process)
    if engine is None or not engine.ggml or not questions.holds_cuda(process) or questions.variable(process, UNIFIED_MEMORY) is None:
        return
    yield Sighting(
        process,
        f"{questions.engine_title(process)} uses the GPU and runs with {UNIFIED_MEMORY} in its environment: llama.cpp then allocates managed memory, "
        f"whatever the value. {NO_CHECKPOINT}",
        REMOVE,
        UNIFIED_MEMORY,
        confidence=Confidence.LIKELY,
    )


def _managed(process: Process) -> int:
    """Bytes of managed memory: what is mapped of the device beyond the range that comes with a context (measured with one GPU)."""
    if process.cuda is None or process.cuda.state == CHECKPOINTED or questions.gpus_held(process) > 1:
        return 0
    return max((use.size - questions.DRIVERS_OWN_UVM for use in process.cuda.devices if use.path == questions.UVM), default=0)
