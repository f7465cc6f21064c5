"""What a process maps: `/proc/PID/maps`, and `smaps` where it matters which pages are in memory or changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

DELETED = " (deleted)"
# Ranges with a name that is no file of a disk: their pages are memory and come with the image.
MEMORY_PREFIXES = ("/dev/shm/", "/memfd:", "/SYSV", "/dev/zero", "/anon_hugepage", "anon_inode:", "/dev/hugepages/")


class Range(NamedTuple):
    """One line of `maps`."""

    start: int
    end: int
    shared: bool
    writable: bool
    device: str
    """`major:minor`, hexadecimal."""
    inode: int
    path: str
    deleted: bool


class Pages(NamedTuple):
    """What `smaps` adds to a range, bytes."""

    resident: int
    dirty: int
    """Changed privately: no longer in the file."""


def ranges(text: bytes, pid: int) -> Iterator[Range]:
    """Every range that has a path, files and devices as well as named memory; `[heap]` and the like are left out."""
    for line in text.splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and (fields[5].startswith(b"/") or fields[5].startswith(b"anon_inode:")):
            yield _range(fields, pid)


def _range(fields: list[bytes], pid: int) -> Range:
    start, _, end = fields[0].partition(b"-")
    path = fields[5].rstrip(b"\n").replace(b"\\012", b"\n").decode("utf-8", "replace")
    deleted = is_deleted(pid, path)
    return Range(
        start=int(start, 16),
        end=int(end, 16),
        shared=fields[1][3:4] == b"s",
        writable=fields[1][1:2] == b"w",
        device=fields[3].decode("ascii", "replace"),
        inode=int(fields[4]) if fields[4].isdigit() else 0,
        path=path[: -len(DELETED)] if deleted else path,
        deleted=deleted,
    )


def is_deleted(pid: int, shown: str) -> bool:
    """Whether a name that `/proc` shows is that of a deleted file; a file may also be called `x (deleted)`."""
    return shown.endswith(DELETED) and not os.path.lexists(f"/proc/{pid}/root{shown}")


def is_memory(path: str) -> bool:
    """Whether a mapped name stands for memory and not for a file on a disk."""
    return path.startswith(MEMORY_PREFIXES)


def is_device(path: str) -> bool:
    """Whether a mapped name is a device file."""
    return path.startswith("/dev/") and not is_memory(path)


def pages(text: bytes) -> dict[int, Pages]:
    """`smaps` by the start of each range."""
    found: dict[int, Pages] = {}
    start = resident = dirty = 0
    for line in text.splitlines():
        name, _, rest = line.partition(b" ")
        if name == b"Rss:":
            resident = int(rest.split()[0]) * 1024
        elif name == b"Anonymous:":
            dirty = int(rest.split()[0]) * 1024
        elif not name.endswith(b":"):
            found[start] = Pages(resident, dirty)
            start, resident, dirty = int(name.partition(b"-")[0], 16), 0, 0
    found[start] = Pages(resident, dirty)
    return found
