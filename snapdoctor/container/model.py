"""What a probe saw of a process tree: frozen data with a JSON form (`document`), made by `reader`, asked by rules.

Sizes are bytes, times are seconds. `None` is a value that could not be seen here; `ContainerState.gaps` says why. Only what a snapshot
depends on is kept: of the environment the variables that engines and CUDA read, and of command lines nothing that looks like a key.
"""

from __future__ import annotations

from typing import NamedTuple

VERSION = 1

# Process.origin: how a process came to be.
ROOT, EXECUTED, FORKED = "root", "exec", "fork"
# Cuda.state: the driver's word for a process, or that it has none for it.
RUNNING, LOCKED, CHECKPOINTED, FAILED, UNINITIALISED = "running", "locked", "checkpointed", "failed", "not initialised"
# Descriptor.kind, apart from the names that Linux itself gives to anonymous inodes (`eventfd`, `io_uring`, ...).
FILE, DIRECTORY, DEVICE, SOCKET, PIPE, MEMORY, HOST = "file", "directory", "device", "socket", "pipe", "memfd", "host"
# File.content.
GGUF, SAFETENSORS, PICKLE, PROGRAM = "gguf", "safetensors", "torch", "program"
WEIGHTS = (GGUF, SAFETENSORS, PICKLE)
# Modal.phase.
BEFORE_SNAPSHOT, AFTER_SNAPSHOT, NO_SNAPSHOT = "before snapshot", "after snapshot", "no snapshot"


class Gap(NamedTuple):
    """Something that could not be seen."""

    subject: str
    """What was asked for (`mappings`, `descriptors`, `sockets`, `gpu`, ...)."""
    pid: int | None
    """The process it was asked of; None: the whole container."""
    why: str
    """One sentence."""


class File(NamedTuple):
    """A file that a process holds open or mapped; its path is how the holder sees it."""

    path: str
    device: int | None
    """`st_dev` and `st_ino`; None where the path leads nowhere, or is not ours to read."""
    inode: int | None
    size: int | None
    modified: int | None
    """Nanoseconds since 1970."""
    content: str
    """`gguf`, `safetensors`, `torch` (a zip of pickled tensors) or `program` (ELF), by the first bytes; empty: none of these."""
    mount: str
    """The mount point it lies on; empty where that is unknown."""


class MappedFile(NamedTuple):
    """Every range of one file that a process maps with the same sharing."""

    path: str
    shared: bool
    writable: bool
    deleted: bool
    ranges: int
    size: int
    """Of the ranges together."""
    resident: int | None
    """In memory now; None where it was not asked (libraries) or is not shown."""
    dirty: int | None
    """Private pages that differ from the file by now: these are in the image, the others are read from the file again."""


class Socket(NamedTuple):
    """An open socket; addresses are `host:port`, a path, `@name` for abstract ones, or empty."""

    family: str
    """`inet`, `inet6`, `unix`, `netlink`, `packet`; empty where no table lists it."""
    kind: str
    """`stream`, `datagram`, `seqpacket`, `raw`; empty where unknown."""
    state: str
    """`listen`, `established`, `close-wait`, `time-wait`, ...; `bound` for a datagram socket; empty where unknown."""
    local: str
    remote: str
    outside: bool | None
    """The other end is in no process of this container; None where that cannot be told."""


class Descriptor(NamedTuple):
    """An open descriptor."""

    number: int
    kind: str
    """`file`, `directory`, `device`, `socket`, `pipe`, `memfd`, `host` (handed in by the runtime) or the anonymous inode's name."""
    target: str
    """The path, or what the kernel calls it."""
    deleted: bool
    writable: bool | None
    append: bool | None
    socket: Socket | None


class DeviceUse(NamedTuple):
    """How one process holds one device file of the GPU."""

    path: str
    descriptors: int
    ranges: int
    """Mapped ranges."""
    size: int
    """Of the mapped ranges together."""


class Cuda(NamedTuple):
    """One process and the GPU."""

    state: str | None
    """`running`, `locked`, `checkpointed`, `failed`, or `not initialised` when the driver has no CUDA state for it; None: could not be asked."""
    restore_thread: bool
    """It has the helper thread that the driver starts with a context."""
    devices: tuple[DeviceUse, ...]
    memory: int | None
    """GPU memory; None where process ids cannot be trusted, or are not shown."""


class Process(NamedTuple):
    """One process of the tree."""

    pid: int
    parent: int
    name: str
    command: tuple[str, ...]
    """Its arguments, or its rewritten title as one; keys and tokens are replaced by `***`."""
    program: str
    """Path of its executable; empty where it cannot be read."""
    folder: str
    """Its working directory; empty where it cannot be read."""
    folder_deleted: bool
    state: str
    """`running`, `sleeping`, `waiting` (uninterruptible), `stopped`, `traced`, `zombie`, `idle`."""
    origin: str | None
    """`root`, `exec` or `fork` (a copy of its parent that has not executed a program of its own)."""
    started: float
    """Since the machine's start."""
    threads: int
    tracer: int
    """The process that debugs it; 0: none."""
    engine: str
    """The inference engine it belongs to, as `engines` names it; empty: none is known."""
    role: str
    """What it does there: `server`, `router`, `scheduler`, `worker`, `compile worker`, `in process`, ...; empty: nothing is known."""
    environment: tuple[tuple[str, str], ...]
    """Variables that engines and CUDA read, as they were when the process started."""
    resident: int | None
    anonymous: int | None
    """Private memory that is in no file."""
    shared: int | None
    """Shared memory (tmpfs, memfd, shared anonymous)."""
    locked: int | None
    mapped: tuple[MappedFile, ...]
    descriptors: tuple[Descriptor, ...]
    cuda: Cuda | None
    """None: it holds no GPU device and has no CUDA state."""
    namespace: str
    """Its pid namespace; empty where it is not shown."""

    @property
    def title(self) -> str:
        """What a person calls it: `llama-server (pid 42)`."""
        return f"{self.name} (pid {self.pid})"


class Mount(NamedTuple):
    """A mounted file system."""

    point: str
    kind: str
    """`overlay`, `tmpfs`, `9p`, `fuse.x`, ..."""
    source: str
    read_only: bool


class Gpu(NamedTuple):
    """A GPU that this machine shows."""

    number: int
    name: str
    identity: str
    memory: int
    used: int
    """By everybody who uses it."""
    partitioned: bool
    """In MIG mode, which no checkpoint supports."""


class Limits(NamedTuple):
    """What the capture has to fit into."""

    memory: int | None
    """The hard limit of the control group; None: only the machine's own memory ends it."""
    machine: int | None
    """The machine's memory."""
    used: int | None
    """What the control group counts now, file cache included."""


class Modal(NamedTuple):
    """Where in a Modal container's life this is (modal 1.6.4, _runtime/task_lifecycle_manager.py)."""

    inside: bool
    sandbox: bool
    task: str
    """The container's id, which differs in every restored one."""
    phase: str | None
    """`before snapshot`, `after snapshot`, `no snapshot` (this container makes none); None outside Modal."""


class Runtime(NamedTuple):
    """What runs the container."""

    kind: str
    """`gvisor` or `linux`."""
    kernel: str
    generation: str
    """Of gVisor, the month of the oldest release that looks like this one (`2022-12`, `2025-11`, `2026-08`, ...: `runtimes`); empty: unknown."""
    driver: str
    """NVIDIA's driver; empty: none is shown."""
    machine: str
    """`x86_64`, `aarch64`, ..."""


class ContainerState(NamedTuple):
    """A process tree, and what a snapshot of it depends on."""

    version: int
    taken: str
    """Universal time, ISO 8601."""
    seconds: float
    """How long looking took."""
    root: int
    """The process at the top of the tree."""
    runtime: Runtime
    modal: Modal
    limits: Limits
    gpus: tuple[Gpu, ...]
    mounts: tuple[Mount, ...]
    files: tuple[File, ...]
    processes: tuple[Process, ...]
    """In the order of the tree: a parent before its children."""
    gaps: tuple[Gap, ...]
