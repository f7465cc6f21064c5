"""What a process holds open: `/proc/PID/fd` and `fdinfo`."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container import procfs
from snapdoctor.container.mappings import DELETED, is_deleted, is_memory
from snapdoctor.container.model import DEVICE, DIRECTORY, FILE, HOST, MEMORY, PIPE, SOCKET

if TYPE_CHECKING:
    from collections.abc import Iterator

# Linux writes `anon_inode:[eventfd]` and `anon_inode:inotify`, gVisor `anon_inode:[inotifyfd:3]`.
ANONYMOUS = re.compile(r"^anon_inode:\[?([a-z_-]+)")
RENAMED = {"inotifyfd": "inotify"}
INODE = re.compile(r"^socket:\[(\d+)\]$")


class Open(NamedTuple):
    """One descriptor as `/proc` shows it."""

    number: int
    kind: str
    target: str
    deleted: bool
    flags: int | None
    """As given to `open`; None where it is not shown."""
    inode: int
    """Of a socket; 0: not one, or not shown."""


def listed(pid: int) -> Iterator[Open]:
    """The descriptors of a process, by number; one that closes meanwhile is left out. Raises `procfs.Gone` and `procfs.Unseen`."""
    for name in sorted(procfs.names(pid, "fd"), key=int):
        try:
            target = procfs.link(pid, f"fd/{name}")
        except (procfs.Gone, procfs.Unseen):
            continue
        yield _read(pid, int(name), target)


def _read(pid: int, number: int, target: str) -> Open:
    held = _stat(f"/proc/{pid}/fd/{number}")
    path, deleted = target, False
    if target.startswith("/"):
        deleted = is_deleted(pid, target)
        path = target.removesuffix(DELETED) if deleted else target
    kind = kind_of(target, held.st_mode if held is not None else 0)
    socket = INODE.match(target)
    wanted = kind in (FILE, DEVICE, DIRECTORY)
    return Open(
        number=number,
        kind=kind,
        target=path,
        deleted=deleted,
        flags=flags(pid, number) if wanted else None,
        inode=int(socket.group(1)) if socket else 0,
    )


def kind_of(target: str, mode: int) -> str:
    """The kind of a descriptor by the text of its link and, where known, the mode of what it leads to."""
    anonymous = ANONYMOUS.match(target)
    if anonymous:
        return RENAMED.get(anonymous.group(1), anonymous.group(1)).strip("-_")
    if target.startswith(("socket:", "pipe:", "host:", "net:", "mnt:")):
        return {"socket": SOCKET, "pipe": PIPE, "host": HOST}.get(target.partition(":")[0], FILE)
    if target.startswith("/memfd:"):
        return MEMORY
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or (not mode and target.startswith("/dev/") and not is_memory(target)):
        return DEVICE
    if stat.S_ISDIR(mode):
        return DIRECTORY
    if stat.S_ISFIFO(mode):
        return PIPE
    return SOCKET if stat.S_ISSOCK(mode) else FILE


def flags(pid: int, number: int) -> int | None:
    """The flags of an open file; None where they are not shown."""
    try:
        text = procfs.read(pid, f"fdinfo/{number}")
    except (procfs.Gone, procfs.Unseen):
        return None
    for line in text.splitlines():
        if line.startswith(b"flags:"):
            return int(line.split()[1], 8)
    return None


def is_writable(given: int | None) -> bool | None:
    """Whether open flags allow writing."""
    return None if given is None else given & os.O_ACCMODE != os.O_RDONLY


def appends(given: int | None) -> bool | None:
    """Whether open flags say that every write goes to the end."""
    return None if given is None else bool(given & os.O_APPEND)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
