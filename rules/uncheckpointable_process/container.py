"""See processes that a checkpoint misses or fails over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import AFTER_SNAPSHOT, CHECKPOINTED, FAILED, LOCKED
from snapdoctor.container.runtimes import NESTED_PID_NAMESPACE, TRACED, refused
from snapdoctor.finding import Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

OLDEST_DRIVER, TREES_DRIVER = 550, 570
SUSPENDED = (LOCKED, CHECKPOINTED, FAILED)


def check(state: ContainerState) -> Iterator[Sighting]:
    """By process, then by machine."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        yield from _of_process(state, process)
    main = questions.main_process(state)
    if any(questions.holds_cuda(process) for process in state.processes):
        yield from _of_machine(state, main)
        yield from _of_tree(state, main)


def _of_process(state: ContainerState, process: Process) -> Iterator[Sighting]:
    if process.cuda is not None and process.cuda.state in SUSPENDED:
        yield Sighting(
            process,
            f"The driver has {process.title} as {process.cuda.state}, not running: something has begun a CUDA checkpoint of it, and a second one "
            "fails.",
            "Do not use cuda-checkpoint yourself before the snapshot; `cuda-checkpoint --get-state --pid PID` shows the state.",
            severity=Severity.ERROR,
        )
    if process.tracer and refused(state.runtime, TRACED):
        yield Sighting(
            process,
            f"{process.title} is traced by process {process.tracer} (a debugger, strace, py-spy): CRIU cannot save it. gVisor can.",
            "End the tracer before the capture.",
        )
    root = questions.main_process(state)
    if process.namespace and root.namespace and process.namespace != root.namespace and refused(state.runtime, NESTED_PID_NAMESPACE):
        yield Sighting(
            process,
            f"{process.title} runs in a pid namespace of its own: CRIU cannot save it, and a checkpoint that goes by process ids misses it.",
            "Start it without a new pid namespace (unshare --pid, bubblewrap).",
        )
    if process.name.startswith("nvidia-cuda-mps"):
        yield Sighting(
            process,
            f"{process.title} is NVIDIA's multi-process service, which CUDA checkpoints do not support.",
            "Run without MPS: end nvidia-cuda-mps-control before CUDA is first used.",
            severity=Severity.ERROR,
        )


def _of_tree(state: ContainerState, main: Process) -> Iterator[Sighting]:
    """The list of processes to suspend is made once, at the capture."""
    changed = next((gap for gap in state.gaps if gap.subject == "process tree"), None)
    if changed is not None:
        yield Sighting(
            main,
            f"Processes come and go below {main.title}: {changed.why}. A checkpoint lists the CUDA processes once, and one that begins to use the GPU "
            "just then is not among them.",
            "Wait in the hook until everything that it started has finished or is ready.",
            severity=Severity.ADVICE,
        )


def _of_machine(state: ContainerState, main: Process) -> Iterator[Sighting]:
    if state.runtime.machine not in ("", "x86_64"):
        yield Sighting(
            main,
            f"This machine is {state.runtime.machine}, and CUDA checkpoints work on x86-64 only: the driver answers that they are not supported.",
            "Take a GPU of an x86-64 machine.",
            severity=Severity.ERROR,
        )
    for gpu in state.gpus:
        if gpu.partitioned:
            yield Sighting(
                main,
                f"GPU {gpu.number} ({gpu.name}) is partitioned (MIG), which CUDA checkpoints do not support.",
                "Take a whole GPU.",
                severity=Severity.ERROR,
            )
    major = int(state.runtime.driver.partition(".")[0] or 0) if state.runtime.driver[:1].isdigit() else 0
    if 0 < major < TREES_DRIVER:
        says = (
            "is too old for CUDA checkpoints"
            if major < OLDEST_DRIVER
            else "cannot checkpoint a process that has used NVML, as PyTorch does"
        )
        yield Sighting(
            main, f"The NVIDIA driver {state.runtime.driver} {says}.", f"Use driver {TREES_DRIVER} or newer.", severity=Severity.ERROR
        )
