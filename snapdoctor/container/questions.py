"""Questions that rules ask of a container's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.model import FORKED, RUNNING, SOCKET, UNINITIALISED, WEIGHTS
from snapdoctor.engines.registry import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Descriptor, File, MappedFile, Process, Socket
    from snapdoctor.engines.engine import Engine

UVM = "/dev/nvidia-uvm"
# Every context of 17 programs on an H100 with driver 580.159 mapped one range of 2 MiB of this device, and nothing without a context mapped any.
DRIVERS_OWN_UVM = 2 << 20
ENTRYPOINT = "modal._container_entrypoint"
GIB = 1 << 30


class Weights(NamedTuple):
    """A file with weights that a process maps."""

    process: Process
    mapped: MappedFile
    file: File


def size(count: int) -> str:
    """A number of bytes as people say it."""
    if count >= GIB:
        return f"{count / GIB:.1f} GiB"
    return f"{count / (1 << 20):.0f} MiB" if count >= 1 << 20 else f"{(count + 1023) >> 10} KiB"


def has_context(process: Process) -> bool:
    """Whether it has made a CUDA context, and not only asked the driver or NVML something."""
    return process.cuda is not None and any(use.path == UVM and use.ranges for use in process.cuda.devices)


def inherits_devices(state: ContainerState, process: Process) -> bool:
    """Whether it holds GPU devices of a parent that had initialised CUDA before it forked.

    The driver says so; where it could not be asked, a forked process without the thread that the driver starts with CUDA, below one that has it.
    """
    if process.cuda is None or not process.cuda.devices:
        return False
    if process.cuda.state is not None or process.origin != FORKED:
        return process.cuda.state == UNINITIALISED
    above = next((one for one in state.processes if one.pid == process.parent), None)
    return not process.cuda.restore_thread and above is not None and above.cuda is not None and above.cuda.restore_thread


def holds_cuda(process: Process) -> bool:
    """Whether the driver has running CUDA state for it."""
    return process.cuda is not None and process.cuda.state == RUNNING


def main_process(state: ContainerState) -> Process:
    """The process that runs the app's Python: Modal's entrypoint, or the top of the tree where there is none."""
    for process in state.processes:
        if any(ENTRYPOINT in word for word in process.command):
            return process
    return next(process for process in state.processes if process.pid == state.root)


def engine_of(process: Process) -> Engine | None:
    """The engine that a process belongs to."""
    return BY_NAME.get(process.engine)


def engine_title(process: Process) -> str:
    """The engine as people write it, with the process: `llama-server (pid 42)`."""
    engine = engine_of(process)
    return f"{engine.title} (pid {process.pid})" if engine is not None else process.title


def below(state: ContainerState, process: Process) -> tuple[Process, ...]:
    """Everybody that a process has started, and what those have."""
    found: list[Process] = []
    wanted = {process.pid}
    for one in state.processes:
        if one.parent in wanted and one.pid != process.pid:
            wanted.add(one.pid)
            found.append(one)
    return tuple(found)


def above(state: ContainerState, process: Process) -> Iterator[Process]:
    """Its parent, that one's parent, and so on."""
    by_pid = {one.pid: one for one in state.processes}
    seen = {process.pid}
    while process.parent in by_pid and process.parent not in seen:
        process = by_pid[process.parent]
        seen.add(process.pid)
        yield process


def unseen(state: ContainerState, process: Process, *subjects: str) -> bool:
    """Whether one of these things of a process could not be seen, so that its absence proves nothing."""
    return any(gap.pid in (None, process.pid) and gap.subject in ("process", *subjects) for gap in state.gaps)


def weights(state: ContainerState) -> Iterator[Weights]:
    """Every file with weights that is mapped and still on a disk."""
    files = {file.path: file for file in state.files if file.content in WEIGHTS}
    for process in state.processes:
        for one in process.mapped:
            if one.path in files and not one.deleted:
                yield Weights(process, one, files[one.path])


def sockets(process: Process) -> Iterator[tuple[Descriptor, Socket]]:
    """The open sockets of a process that some table lists."""
    for descriptor in process.descriptors:
        if descriptor.kind == SOCKET and descriptor.socket is not None:
            yield descriptor, descriptor.socket


def is_internal(socket: Socket) -> bool:
    """Whether it is a listener that comes along by itself: with a CUDA context (`@cuda-uvmfd-...`), or with Python's multiprocessing."""
    return socket.family == "unix" and (socket.local.startswith("@cuda-uvmfd-") or "/pymp-" in socket.local)


def runs(state: ContainerState, *engines: str) -> bool:
    """Whether a process of one of these engines is there."""
    return any(process.engine in engines for process in state.processes)


def serves(state: ContainerState) -> bool:
    """Whether an engine's server is there."""
    return any(process.engine and process.role in ("server", "router") for process in state.processes)


def variable(process: Process, name: str) -> str | None:
    """What a variable was when the process started; None: not set."""
    return dict(process.environment).get(name)


NCCL = "/libnccl.so"
LINKS_OFF = ("NCCL_P2P_DISABLE", "NCCL_SHM_DISABLE")


def gpus_held(process: Process) -> int:
    """How many GPUs a process has open: all that the container has, also those that it does not use or see (measured with two H100)."""
    devices = process.cuda.devices if process.cuda is not None else ()
    return sum(1 for use in devices if use.path.removeprefix("/dev/nvidia").isdigit())


def linked_by_nccl(state: ContainerState) -> tuple[Process, ...]:
    """Processes that NCCL may have linked between GPUs; empty unless there are two.

    Each has running CUDA state, several GPUs open and NCCL mapped, and no variable that switches both kinds of link off. The driver suspends
    such processes and cannot bring them back (two H100, driver 580.159; `tests/gpu/results/two_gpus.txt`).
    """
    found = [process for process in state.processes if holds_cuda(process) and gpus_held(process) > 1 and _has_nccl(process)]
    linked = tuple(process for process in found if any(variable(process, name) != "1" for name in LINKS_OFF))
    return linked if len(linked) > 1 else ()


def _has_nccl(process: Process) -> bool:
    return any(NCCL in file.path for file in process.mapped)
