"""Memory without a file, private and shared, small and large."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable
from multiprocessing import shared_memory
from pathlib import Path

from .hazard import Steps, call, hazard, libc, same_if

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


@hazard
def shared_with_fork(folder: Path) -> Steps:
    """Anonymous memory shared with a forked child, and a pipe that tells it when to write."""
    memory = mmap.mmap(-1, mmap.PAGESIZE)
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(source, 1)
        memory[0:1] = b"C"
        os._exit(0)
    yield {"child": pid}
    os.write(sink, b"x")
    os.waitpid(pid, 0)
    return same_if(memory[0:1] == b"C", "the child's write does not show")


@hazard
def posix_shared_memory(folder: Path) -> Steps:
    """`multiprocessing.shared_memory`: a mapped file of /dev/shm."""
    block = shared_memory.SharedMemory(create=True, size=MEGABYTE, name="hazard")
    block.buf[:4] = b"SHM!"
    yield {}
    again = shared_memory.SharedMemory(name="hazard")
    return same_if(bytes(block.buf[:4]) == bytes(again.buf[:4]) == b"SHM!", "the content differs")


@hazard
def system_v_shared_memory(folder: Path) -> Steps:
    """`shmget` and `shmat`."""
    create_for_me, remove = 0o1600, 0
    segment = call(libc.shmget(0, 65536, create_for_me))
    address = libc.shmat(segment, None, 0)
    ctypes.memmove(address, b"SYSV", 4)
    yield {}
    again = libc.shmat(segment, None, 0)
    held = ctypes.string_at(address, 4) == b"SYSV" and ctypes.string_at(again, 4) == b"SYSV"
    libc.shmctl(segment, remove, None)
    return same_if(held, "the content differs")


@hazard
def memory_file(folder: Path) -> Steps:
    """`memfd_create`, open and mapped."""
    descriptor = os.memfd_create("hazard", 0)
    os.write(descriptor, b"memfd" * 1000)
    mapping = mmap.mmap(descriptor, mmap.PAGESIZE)
    yield {}
    return same_if(os.pread(descriptor, 5, 0) == mapping[:5] == b"memfd", "the content differs")


@hazard
def locked_memory(folder: Path) -> Steps:
    """Memory that may not be swapped (pinned host buffers)."""
    anonymous, read_write = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE
    address = libc.mmap(None, MEGABYTE, read_write, anonymous, -1, 0)
    call(libc.mlock(ctypes.c_void_p(address), MEGABYTE))
    ctypes.memset(address, 65, 16)
    yield {}
    return same_if(ctypes.string_at(address, 4) == b"AAAA", "the content differs")


def gigabyte_of(block: Callable[[int], bytes]) -> Steps:
    memory = mmap.mmap(-1, GIGABYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for number in range(1024):
        memory[number * MEGABYTE : (number + 1) * MEGABYTE] = block(number)
    yield {}
    held = all(memory[number * MEGABYTE : number * MEGABYTE + 64] == block(number)[:64] for number in range(1024))
    return same_if(held, "the content differs")


@hazard
def gigabyte_of_noise(folder: Path) -> Steps:
    """Weights loaded into memory."""
    noise = os.urandom(MEGABYTE - 8)
    return (yield from gigabyte_of(lambda number: number.to_bytes(8, "big") + noise))


@hazard
def gigabyte_of_zeros(folder: Path) -> Steps:
    """A cache that was allocated and not filled."""
    return (yield from gigabyte_of(lambda _: bytes(MEGABYTE)))
