"""What a hazard program is, and the list of them.

A hazard is a generator of one step. What stands before its `yield` makes the hazard, what it yields describes it (`file`: the path that
the restore will need), what stands after it runs once the program was restored; it returns `SAME`, or says in a few words what differs.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

Steps = Generator["dict[str, Any]", None, str]

SAME = "same"
"""Everything is as it was left."""
NEW_BYTES = "new bytes"
"""A mapping shows what the file holds now, not what it held at the checkpoint."""
FAULT = "fault on access"
"""Touching the memory kills the process (SIGBUS: the file behind it became too short)."""

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]


class Hazard(NamedTuple):
    """One program."""

    name: str
    group: str
    """The module it stands in."""
    steps: Callable[[Path], Steps]
    """Takes an empty folder on a mount that comes from the host."""


HAZARDS: dict[str, Hazard] = {}


def hazard(steps: Callable[[Path], Steps]) -> Callable[[Path], Steps]:
    """List a generator function as the hazard of its name."""
    HAZARDS[steps.__name__] = Hazard(steps.__name__, steps.__module__.rpartition(".")[2], steps)
    return steps


def same_if(held: bool, otherwise: str) -> str:
    """`SAME` where it held, else what differs."""
    return SAME if held else otherwise


def call(result: int) -> int:
    """The result of a C call; raises OSError with the C library's errno where it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def write_file(path: Path, data: bytes = b"A" * 65536) -> Path:
    """A file whose bytes are on the host's disk before anything maps it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path
