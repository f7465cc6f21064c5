"""Files behind paths: what their first bytes say they hold, and which mount they lie on."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from snapdoctor.container.model import GGUF, PICKLE, PROGRAM, SAFETENSORS, File

if TYPE_CHECKING:
    from snapdoctor.container.model import Mount

ELF = b"\x7fELF"
GGUF_MAGIC = b"GGUF"
ZIP = b"PK\x03\x04"
# Below this a file that happens to begin so is no model; the smallest models of tests are some hundred KB.
SMALLEST_MODEL = 64 << 10
LARGEST_HEADER = 100_000_000
BEGINNING = 64


def examine(root: str, path: str, mount: str) -> File:
    """What is at `path` (as a process sees it) now; `root` is the way to that process's root folder, empty for our own.

    Only regular files are opened, and only to read their first bytes: their content decides, because weights behind a hub's links have no
    suffix.
    """
    try:
        found = os.stat(root + path)
    except OSError:
        return File(path, None, None, None, None, "", mount)
    content = _content(root + path, found) if stat.S_ISREG(found.st_mode) else ""
    return File(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, content, mount)


def _content(path: str, found: os.stat_result) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOATIME)
    except OSError:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
    try:
        return content_of(os.read(descriptor, BEGINNING), found.st_size)
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def content_of(beginning: bytes, size: int) -> str:
    """What a file of this size holds, by its first 64 bytes: GGUF's magic, the length and brace of a safetensors header, torch's zip, ELF."""
    if beginning.startswith(ELF):
        return PROGRAM
    if size < SMALLEST_MODEL:
        return ""
    if beginning.startswith(GGUF_MAGIC):
        return GGUF
    header = int.from_bytes(beginning[:8], "little")
    if 2 <= header <= min(size, LARGEST_HEADER) and beginning[8:9] == b"{":
        return SAFETENSORS
    return PICKLE if beginning.startswith(ZIP) and b"data.pkl" in beginning else ""


def mount_of(path: str, mounts: tuple[Mount, ...]) -> str:
    """The mount point that holds a path: the longest one above it, the last mounted of equals."""
    best = ""
    for mount in mounts:
        point = mount.point.rstrip("/")
        if (path == point or path.startswith(f"{point}/")) and len(mount.point) >= len(best):
            best = mount.point
    return best
