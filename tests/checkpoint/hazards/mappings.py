"""Memory that is backed by files."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
from collections.abc import Callable
from pathlib import Path

from .hazard import FAULT, NEW_BYTES, SAME, Steps, hazard, libc, same_if, write_file

SIZE = 65536
FAR = 9 * mmap.PAGESIZE
"""An offset that a truncated file no longer has."""


def map_file(path: Path, flags: int, protection: int) -> mmap.mmap:
    writable = flags & mmap.MAP_SHARED and protection & mmap.PROT_WRITE
    descriptor = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
    try:
        return mmap.mmap(descriptor, SIZE, flags=flags, prot=protection)
    finally:
        os.close(descriptor)


def look(read: Callable[[int], bytes]) -> str:
    """What a mapping that was full of `A` shows; read by a child, because a fault kills the reader."""
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(sink, read(0) + read(FAR))
        os._exit(0)
    os.close(sink)
    shown = os.read(source, 64)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == -signal.SIGBUS:
        return FAULT
    if code != 0:
        return f"the reader ended with {code}"
    return {b"A" * 16: SAME, b"B" * 16: NEW_BYTES}.get(shown, f"reads {shown!r}")


def mapped(folder: Path, flags: int, touched: bool) -> Steps:
    path = write_file(folder / "weights.bin")
    mapping = map_file(path, flags, mmap.PROT_READ)
    if touched:
        assert mapping[:] == b"A" * SIZE
    yield {"file": str(path)}
    return look(lambda offset: mapping[offset : offset + 8])


@hazard
def mapped_without_descriptor(folder: Path) -> Steps:
    """A file that is mapped and whose descriptor was closed, as every shared library and llama.cpp's weights are."""
    path = write_file(folder / "weights.bin")
    descriptor = os.open(path, os.O_RDONLY)
    address = libc.mmap(None, SIZE, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
    os.close(descriptor)
    assert ctypes.string_at(address, 4) == b"AAAA"
    yield {"file": str(path)}
    return look(lambda offset: ctypes.string_at(address + offset, 8))


@hazard
def mapped_shared(folder: Path) -> Steps:
    """Mapped shared and read-only, read once."""
    return (yield from mapped(folder, mmap.MAP_SHARED, touched=True))


@hazard
def mapped_shared_untouched(folder: Path) -> Steps:
    """Mapped shared and read-only, never read."""
    return (yield from mapped(folder, mmap.MAP_SHARED, touched=False))


@hazard
def mapped_private(folder: Path) -> Steps:
    """Mapped private and read-only, read once (safetensors, `torch.load(mmap=True)`)."""
    return (yield from mapped(folder, mmap.MAP_PRIVATE, touched=True))


@hazard
def mapped_private_written(folder: Path) -> Steps:
    """Mapped private and written to: the written page belongs to the process."""
    mapping = map_file(write_file(folder / "weights.bin"), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    mapping[0:4] = b"ZZZZ"
    yield {}
    return same_if(mapping[0:8] == b"ZZZZAAAA", f"reads {mapping[0:8]!r}")


@hazard
def mapped_shared_written(folder: Path) -> Steps:
    """Mapped shared and written to: the written page belongs to the file."""
    path = write_file(folder / "weights.bin")
    mapping = map_file(path, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    mapping[0:4] = b"ZZZZ"
    yield {}
    held = mapping[0:8] == b"ZZZZAAAA"
    mapping[4:8] = b"YYYY"
    mapping.flush()
    return same_if(held and path.read_bytes()[:8] == b"ZZZZYYYY", "a write is lost")


@hazard
def mapped_deleted(folder: Path) -> Steps:
    """Mapped, then deleted."""
    path = write_file(folder / "weights.bin")
    mapping = map_file(path, mmap.MAP_SHARED, mmap.PROT_READ)
    assert mapping[0:4] == b"AAAA"
    path.unlink()
    yield {}
    return same_if(mapping[0:4] == b"AAAA", f"reads {mapping[0:4]!r}")


@hazard
def mapped_quarter_gigabyte(folder: Path) -> Steps:
    """256 MiB of file mapped read-only and read through, as mapped weights are: the image must not hold them."""
    megabyte = 1 << 20
    path = folder / "weights.bin"
    noise = os.urandom(megabyte - 8)
    with path.open("wb") as file:
        for number in range(256):
            file.write(number.to_bytes(8, "big") + noise)
    with path.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)
    assert len(mapping[:]) == 256 * megabyte
    yield {}
    return same_if(all(mapping[number * megabyte + 7] == number for number in range(256)), "the weights differ")
