"""Locks and semaphores."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
from pathlib import Path

from .hazard import Steps, hazard, same_if


@hazard
def flock_held(folder: Path) -> Steps:
    """An exclusive flock, as Hugging Face's cache takes it."""
    path = folder / "lock"
    file = path.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    yield {"file": str(path)}
    try:
        fcntl.flock(path.open("w"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return same_if(not file.closed, "closed")
    return "the lock is free"


@hazard
def record_lock_held(folder: Path) -> Steps:
    """A POSIX record lock, as SQLite takes it."""
    path = folder / "lock"
    file = path.open("w")
    fcntl.lockf(file, fcntl.LOCK_EX)
    yield {"file": str(path)}
    pid = os.fork()
    if pid == 0:
        try:
            fcntl.lockf(path.open("w"), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os._exit(0)
        os._exit(1)
    return same_if(os.waitpid(pid, 0)[1] == 0, "the lock is free")


@hazard
def named_semaphore(folder: Path) -> Steps:
    """The semaphore behind `multiprocessing.Lock`: a mapped file of /dev/shm that is deleted at once."""
    lock = multiprocessing.get_context("fork").Lock()
    lock.acquire()
    yield {}
    held = not lock.acquire(block=False)
    lock.release()
    return same_if(held and lock.acquire(block=False), "the lock is not held")
