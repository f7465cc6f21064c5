"""Reading `/proc`: whole files by few system calls, and what an error there means."""

from __future__ import annotations

import errno
import os

CHUNK = 1 << 18
GONE = (errno.ENOENT, errno.ESRCH, errno.ENOTDIR)


class Gone(Exception):
    """The process (or the thread, or the descriptor) has ended meanwhile; that is normal."""


class Unseen(Exception):
    """The file is not shown here, or not to this user; the text says which."""


def read(pid: int, name: str) -> bytes:
    """The contents of `/proc/PID/NAME`; raises `Gone` and `Unseen`."""
    return whole(f"/proc/{pid}/{name}", pid)


def whole(path: str, pid: int | None = None) -> bytes:
    """The contents of a file under `/proc` or `/sys`; raises `Gone` and `Unseen`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _meaning(error, path, pid) from error
    try:
        chunks = []
        while chunk := os.read(descriptor, CHUNK):
            chunks.append(chunk)
        return b"".join(chunks)
    except OSError as error:
        raise _meaning(error, path, pid) from error
    finally:
        os.close(descriptor)


def names(pid: int, folder: str) -> list[str]:
    """The entries of `/proc/PID/FOLDER`; raises `Gone` and `Unseen`."""
    path = f"/proc/{pid}/{folder}"
    try:
        return os.listdir(path)
    except OSError as error:
        raise _meaning(error, path, pid) from error


def link(pid: int, name: str) -> str:
    """Where the link `/proc/PID/NAME` leads; raises `Gone` and `Unseen`."""
    path = f"/proc/{pid}/{name}"
    try:
        return os.readlink(path)
    except OSError as error:
        raise _meaning(error, path, pid) from error


def pids() -> list[int]:
    """Every process that `/proc` shows."""
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def _meaning(error: OSError, path: str, pid: int | None) -> Gone | Unseen:
    if error.errno in GONE and pid is not None and not os.path.exists(f"/proc/{pid}"):
        return Gone(path)
    if error.errno == errno.ESRCH:
        return Gone(path)
    if error.errno in GONE:
        return Unseen(f"{path} does not exist here")
    return Unseen(f"{path} cannot be read: {error.strerror}")
