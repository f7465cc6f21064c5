"""What each runtime refuses to checkpoint or to restore, by release: a table, and the question that container checks ask it.

gVisor's releases are told apart by month. A release is placed by the files that its `/proc` shows (`SIGNS`, dated by gVisor's own history),
so a generation means: from this month on, and before the next sign's. What is not in `REFUSALS` was saved and restored with its state by
every release measured (2022-12, 2024-07, 2025-12 and 2026-08; about 120 programs each), or cannot exist there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.finding import Evidence

if TYPE_CHECKING:
    from snapdoctor.container.model import Runtime

GVISOR, CRIU = "gvisor", "criu"

# Things that a process can hold.
IO_URING = "io_uring"
USERFAULTFD = "userfaultfd"
PERF_EVENT = "perf_event"
BPF = "bpf"
DELETED_FILE = "deleted file"
"""Open or mapped, on a disk: not in memory (tmpfs, memfd, `/dev/shm`)."""
LARGE_DELETED_FILE = "deleted file above 1 MiB"
DELETED_FOLDER = "deleted working directory"
OUTSIDE_CONNECTION = "connection to the outside"
LOOPBACK_CONNECTION = "connection inside the container"
WATCHED_TCP = "TCP socket in an epoll set"
HOST_SOCKET = "connection to a unix socket of the host"
BOUND_HOST_SOCKET = "unix socket that the host sees"
INHERITED_GPU_DEVICE = "GPU device held without CUDA state"
OTHER_DEVICE = "device file"
SYSV_MEMORY = "System V shared memory"
NAMED_SEMAPHORE = "deleted file of /dev/shm"
FILE_LOCK = "file lock"
TRACED = "traced process"
NESTED_PID_NAMESPACE = "nested pid namespace"

SIGNS = (
    ("2026-08", "/proc/modules"),
    ("2026-08", "/proc/gvisor/checkpoint"),
    ("2026-05", "/proc/self/setgroups"),
    ("2026-01", "/proc/sys/kernel/osrelease"),
    ("2025-11", "/proc/sys/kernel/keys/maxkeys"),
    ("2024-11", "/proc/sys/kernel/pid_max"),
    ("2023-12", "/proc/sys/kernel/random/boot_id"),
    ("2023-01", "/proc/self/limits"),
)
"""The newest first: the month of the first release that shows this file."""
OLDEST = "2022-12"
"""A release that shows none of them (Debian 12's package is one, of December 2022)."""
MODAL = "2026-08"
"""What Modal most likely runs: its client (1.6.4) waits on files that gVisor has only since then."""


class Refusal(NamedTuple):
    """One thing that one runtime does not save, or does not restore."""

    thing: str
    runtime: str
    """`gvisor` or `criu`."""
    until: str
    """The month from which on releases save it; empty: none does."""
    option: str
    """What makes the runtime save it all the same; empty: nothing."""
    words: str
    """What the runtime says then; a part of its message, empty where it was not recorded."""
    evidence: Evidence


def _measured(text: str) -> Evidence:
    return Evidence("measured", text)


def _source(text: str) -> Evidence:
    return Evidence("source", text)


def _reported(text: str) -> Evidence:
    return Evidence("reported", text)


_OLD_GVISOR = _measured("the checkpoint of runsc 2022-12 and 2024-07 fails; runsc 2025-12 and 2026-08 save and restore it")
_CRIU = _measured("the dump of CRIU 4.2 fails")

REFUSALS = (
    Refusal(
        IO_URING, GVISOR, "", "", "iouringfs.FileDescription", _measured("runsc 2022-12, the last that lets it be made without a test flag")
    ),
    Refusal(DELETED_FILE, GVISOR, "2025-03", "", "encoding error at object gofer.dentry", _OLD_GVISOR),
    Refusal(DELETED_FOLDER, GVISOR, "2025-03", "", "encoding error at object gofer.dentry", _OLD_GVISOR),
    Refusal(
        WATCHED_TCP,
        GVISOR,
        "2023-05",
        "",
        "endpoint still has waiters upon save",
        _measured(
            "the checkpoint of runsc 2022-12 fails, also of a torch process group; 2024-07 saves it (google/gvisor 0d6cfeafb takes the check away)"
        ),
    ),
    Refusal(
        OUTSIDE_CONNECTION,
        GVISOR,
        "2024-10",
        "",
        "save rejected due to unsupported networking state",
        _measured(
            "the checkpoint of runsc 2022-12 and 2024-07 fails (google/gvisor #113, #10788); 2025-12 saves it, and it is dead after the restore"
        ),
    ),
    Refusal(
        HOST_SOCKET,
        GVISOR,
        "2024-10",
        "",
        "encoding error at object transport.connectionedEndpoint",
        _measured("the checkpoint of runsc 2022-12 and 2024-07 fails; runsc 2025-12 and 2026-08 close the connection"),
    ),
    Refusal(
        BOUND_HOST_SOCKET,
        GVISOR,
        "",
        "",
        "Cannot save endpoint with bound host socket",
        _measured("runsc 2025-12 and 2026-08, with --host-uds=all"),
    ),
    Refusal(
        INHERITED_GPU_DEVICE,
        GVISOR,
        "2026-06",
        "",
        "can't save with live nvproxy clients",
        _measured(
            "runsc 2026-08 saves and restores a forked child that holds the GPU's devices; refused before (google/gvisor #10478, #12144)"
        ),
    ),
    Refusal(OTHER_DEVICE, GVISOR, "", "", "", _source("google/gvisor, pkg/tcpip/link/tun and pkg/sentry/devices: tun, fuse, RDMA")),
    Refusal(IO_URING, CRIU, "", "", "Unknown shit 600 (anon_inode:[io_uring])", _CRIU),
    Refusal(USERFAULTFD, CRIU, "", "", "Can't dump file", _CRIU),
    Refusal(PERF_EVENT, CRIU, "", "", "Can't dump file", _CRIU),
    Refusal(BPF, CRIU, "", "", "Can't dump file", _CRIU),
    Refusal(LARGE_DELETED_FILE, CRIU, "", "--ghost-limit", "Can't dump ghost file", _CRIU),
    Refusal(OUTSIDE_CONNECTION, CRIU, "", "--tcp-established", "Connected TCP socket", _CRIU),
    Refusal(LOOPBACK_CONNECTION, CRIU, "", "--tcp-established", "Connected TCP socket", _CRIU),
    Refusal(HOST_SOCKET, CRIU, "", "", "Can't dump half of stream unix connection.", _CRIU),
    Refusal(
        INHERITED_GPU_DEVICE, CRIU, "", "", "(chr 195:", _reported("NVIDIA/cuda-checkpoint #28; also in the README of CRIU's CUDA plugin")
    ),
    Refusal(
        OTHER_DEVICE, CRIU, "", "", "handle_device_vma plugin failed", _reported("NVIDIA/cuda-checkpoint #7, checkpoint-restore/criu #2953")
    ),
    Refusal(SYSV_MEMORY, CRIU, "", "", "doesn't live in IPC ns", _CRIU),
    Refusal(NAMED_SEMAPHORE, CRIU, "", "--link-remap", "Can't create link remap for /dev/shm/sem.", _CRIU),
    Refusal(FILE_LOCK, CRIU, "", "--file-locks", "Some file locks are hold by dumping tasks!", _CRIU),
    Refusal(TRACED, CRIU, "", "", "Unseizable non-zombie", _CRIU),
    Refusal(NESTED_PID_NAMESPACE, CRIU, "", "", "Can't dump nested pid namespace for", _CRIU),
)


def refusal(runtime: Runtime, thing: str) -> Refusal | None:
    """The entry of the table for this kind of runtime, whatever its release; a plain Linux is judged as what CRIU would do."""
    kind = GVISOR if runtime.kind == GVISOR else CRIU
    return next((entry for entry in REFUSALS if entry.runtime == kind and entry.thing == thing), None)


def refused(runtime: Runtime, thing: str) -> bool | None:
    """Whether this runtime refuses the thing; None where its release cannot be placed on either side of the change."""
    entry = refusal(runtime, thing)
    if entry is None:
        return False
    if not entry.until:
        return True
    if not runtime.generation:
        return None
    if runtime.generation >= entry.until:
        return False
    return True if following(runtime.generation) <= entry.until else None


def following(generation: str) -> str:
    """The month of the next sign: releases of this generation are older than that."""
    later = sorted({month for month, _ in SIGNS if month > generation})
    return later[0] if later else "9999-12"
