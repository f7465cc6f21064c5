"""Descriptors that stand for something in the kernel: event queues, watchers, rings."""

from __future__ import annotations

import ctypes
import mmap
import os
import select
import signal
import struct
from pathlib import Path

from .hazard import Steps, call, hazard, libc, same_if, write_file

PATIENCE = 5.0
# System call numbers of x86-64.
IO_SETUP, IO_GETEVENTS, PERF_EVENT_OPEN, FANOTIFY_INIT, BPF, USERFAULTFD, IO_URING_SETUP, IO_URING_ENTER = (
    206,
    208,
    298,
    300,
    321,
    323,
    425,
    426,
)
IN_MODIFY, IN_CREATE = 0x2, 0x100


def readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], PATIENCE)[0])


@hazard
def epoll(folder: Path) -> Steps:
    """An epoll set that watches a pipe, as every event loop has."""
    source, sink = os.pipe()
    events = select.epoll()
    events.register(source, select.EPOLLIN)
    yield {}
    os.write(sink, b"x")
    return same_if(events.poll(PATIENCE) == [(source, select.EPOLLIN)], "no event")


@hazard
def eventfd(folder: Path) -> Steps:
    """An eventfd with a count."""
    descriptor = os.eventfd(7)
    yield {}
    return same_if(os.eventfd_read(descriptor) == 7, "the count is lost")


@hazard
def signalfd(folder: Path) -> Steps:
    """A descriptor that receives signals."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    mask = (ctypes.c_ulong * 16)(1 << (signal.SIGUSR1 - 1))
    descriptor = call(libc.signalfd(-1, mask, 0))
    yield {}
    os.kill(os.getpid(), signal.SIGUSR1)
    return same_if(readable(descriptor) and len(os.read(descriptor, 128)) == 128, "no signal")


def watched(folder: Path, delete: bool) -> Steps:
    directory = folder / "watched"
    directory.mkdir()
    file = write_file(directory / "file", b"1")
    descriptor = call(libc.inotify_init1(os.O_NONBLOCK))
    call(libc.inotify_add_watch(descriptor, bytes(directory), IN_CREATE))
    call(libc.inotify_add_watch(descriptor, bytes(file), IN_MODIFY))
    if delete:
        file.unlink()
        if readable(descriptor):
            os.read(descriptor, 4096)
    yield {"file": str(directory)}
    write_file(directory / "new", b"1")
    return same_if(readable(descriptor) and b"new\0" in os.read(descriptor, 4096), "no event")


@hazard
def inotify(folder: Path) -> Steps:
    """Watches on a directory and a file (reloaders)."""
    return (yield from watched(folder, delete=False))


@hazard
def inotify_on_deleted_file(folder: Path) -> Steps:
    """The same, with the file deleted."""
    return (yield from watched(folder, delete=True))


@hazard
def io_uring(folder: Path) -> Steps:
    """An io_uring that nothing uses yet."""
    ring = call(libc.syscall(IO_URING_SETUP, 8, ctypes.create_string_buffer(120)))
    yield {"ring": ring}
    return same_if(os.fstat(ring).st_size == 0, "the ring is gone")


@hazard
def io_uring_mapped(folder: Path) -> Steps:
    """An io_uring with its queue mapped, as libuv and Rust runtimes keep it."""
    map_populate = 0x8000
    ring = call(libc.syscall(IO_URING_SETUP, 8, ctypes.create_string_buffer(120)))
    queue = mmap.mmap(ring, mmap.PAGESIZE, flags=mmap.MAP_SHARED | map_populate, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    yield {"ring": ring}
    return same_if(libc.syscall(IO_URING_ENTER, ring, 0, 0, 0, None, 0) >= 0 and len(queue[:]) == mmap.PAGESIZE, "the ring is gone")


@hazard
def aio_context(folder: Path) -> Steps:
    """A context of the kernel's older asynchronous I/O."""
    context = ctypes.c_ulong(0)
    call(libc.syscall(IO_SETUP, 16, ctypes.byref(context)))
    yield {}
    return same_if(libc.syscall(IO_GETEVENTS, context, 0, 0, None, None) == 0, "the context is gone")


@hazard
def userfaultfd(folder: Path) -> Steps:
    """A handler of page faults."""
    user_mode_only = 1
    descriptor = call(libc.syscall(USERFAULTFD, user_mode_only))
    yield {}
    return same_if(os.fstat(descriptor).st_size == 0, "it is gone")


@hazard
def fanotify(folder: Path) -> Steps:
    """A watcher of whole mounts."""
    descriptor = call(libc.syscall(FANOTIFY_INIT, 0, 0))
    yield {}
    return same_if(os.fstat(descriptor).st_size == 0, "it is gone")


@hazard
def perf_event(folder: Path) -> Steps:
    """A performance counter."""
    attributes = ctypes.create_string_buffer(struct.pack("IIQ", 1, 128, 0), 128)
    descriptor = call(libc.syscall(PERF_EVENT_OPEN, attributes, 0, -1, -1, 0))
    yield {}
    return same_if(os.fstat(descriptor).st_size == 0, "it is gone")


@hazard
def bpf_map(folder: Path) -> Steps:
    """A BPF map."""
    array_of_four = struct.pack("IIIII", 2, 4, 8, 4, 0)
    descriptor = call(libc.syscall(BPF, 0, ctypes.create_string_buffer(array_of_four, 72), 72))
    yield {}
    return same_if(os.fstat(descriptor).st_size == 0, "it is gone")


@hazard
def pseudo_terminal(folder: Path) -> Steps:
    """Both ends of a pseudo terminal."""
    main, other = os.openpty()
    yield {}
    os.write(main, b"hi\n")
    return same_if(os.read(other, 10) == b"hi\n", "the bytes are lost")
