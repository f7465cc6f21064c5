"""See what the runtime that runs this container refuses to save."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.files import mount_of
from snapdoctor.container.mappings import is_memory
from snapdoctor.container.model import DEVICE, FILE
from snapdoctor.container.mounts import IN_THE_IMAGE
from snapdoctor.container.runtimes import (
    BPF,
    DELETED_FILE,
    DELETED_FOLDER,
    GVISOR,
    IO_URING,
    OTHER_DEVICE,
    PERF_EVENT,
    USERFAULTFD,
    WATCHED_TCP,
    refused,
)
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

KERNEL_OBJECTS = {"io_uring": IO_URING, "userfaultfd": USERFAULTFD, "perf_event": PERF_EVENT, "bpf-map": BPF, "bpf-prog": BPF, "bpf": BPF}
# Devices that every runtime saves: made up by the kernel, nothing behind them.
PLAIN_DEVICES = re.compile(r"^/dev/(null|zero|full|u?random|tty|ptmx|console|pts/|shm/|kmsg)")


def check(state: ContainerState) -> Iterator[Sighting]:
    """What is refused for sure is an error under gVisor, and a warning elsewhere, where nobody has said yet who will save this tree."""
    for process in state.processes:
        for thing, subject, message, remedy in _held(state, process):
            if refused(state.runtime, thing):
                severity = None if state.runtime.kind == GVISOR else Severity.WARNING
                yield Sighting(process, f"{message} {_who(state, thing)}", remedy, subject, severity=severity)
        if refused(state.runtime, WATCHED_TCP) and (watched := _watched(process)):
            yield Sighting(
                process,
                f"{process.title} has an event loop (epoll) and the TCP socket {watched}, which it most likely waits on. {_who(state, WATCHED_TCP)}",
                "Close the socket before the hook ends; gVisor saves such sockets since May 2023.",
                watched,
                confidence=Confidence.LIKELY,
            )


def _watched(process: Process) -> str:
    """The first TCP socket of a process that has an epoll set; which sockets are in the set is not shown. Empty: there is none."""
    if not any(descriptor.kind == "eventpoll" for descriptor in process.descriptors):
        return ""
    return next(
        (socket.local for _, socket in questions.sockets(process) if socket.family.startswith("inet") and socket.kind == "stream"), ""
    )


def _who(state: ContainerState, thing: str) -> str:
    if state.runtime.kind == GVISOR:
        return "The gVisor that runs this container cannot save that, and the capture fails as a whole."
    if thing == OTHER_DEVICE:
        return "CRIU cannot save that, and neither can gVisor, which Modal runs."
    return "CRIU cannot save that; gVisor, which Modal runs, does not offer it to programs at all."


def _held(state: ContainerState, process: Process) -> Iterator[tuple[str, str, str, str]]:
    """(what the runtime is asked about, what it is here, a sentence, what to type)."""
    rings = any(descriptor.kind == IO_URING for descriptor in process.descriptors)
    opened = {descriptor.target for descriptor in process.descriptors if descriptor.deleted}
    for descriptor in process.descriptors:
        thing = KERNEL_OBJECTS.get(descriptor.kind)
        if thing is not None:
            yield thing, descriptor.target, f"{process.title} holds an {thing} descriptor.", _instead(thing)
        elif descriptor.kind == DEVICE and not PLAIN_DEVICES.match(descriptor.target):
            yield (
                OTHER_DEVICE,
                descriptor.target,
                f"{process.title} has the device {descriptor.target} open.",
                "Close it before the hook ends, or end the process that needs it.",
            )
        elif descriptor.kind == FILE and descriptor.deleted and _is_on_disk(state, descriptor.target):
            yield DELETED_FILE, descriptor.target, f"{process.title} holds {descriptor.target} open, which has been deleted.", CLOSE
    for mapped in process.mapped:
        if mapped.path.startswith("anon_inode:[io_uring]") and not rings:
            yield IO_URING, mapped.path, f"{process.title} maps an io_uring.", _instead(IO_URING)
        elif mapped.deleted and mapped.path not in opened and _is_on_disk(state, mapped.path):
            yield DELETED_FILE, mapped.path, f"{process.title} maps {mapped.path}, which has been deleted.", CLOSE
    if process.folder_deleted and _is_on_disk(state, process.folder):
        yield (
            DELETED_FOLDER,
            process.folder,
            f"The working directory of {process.title}, {process.folder}, has been deleted.",
            "Change to a directory that stays, os.chdir('/').",
        )


CLOSE = "Close it before the hook ends, or delete it only after the restore."


def _instead(thing: str) -> str:
    if thing == IO_URING:
        return "Switch it off in the library that uses it (torch.distributed: USE_LIBUV=0; libuv: UV_USE_IO_URING=0)."
    return "Close it before the hook ends."


def _is_on_disk(state: ContainerState, path: str) -> bool:
    """Whether a name is one of a file system that is not memory; what is written or deleted in a root overlay, gVisor keeps itself."""
    if is_memory(path) or not path.startswith("/"):
        return False
    point = mount_of(path, state.mounts)
    kind = next((mount.kind for mount in reversed(state.mounts) if mount.point == point), "")
    return kind not in IN_THE_IMAGE and not (kind == "overlay" and state.runtime.kind == GVISOR)
