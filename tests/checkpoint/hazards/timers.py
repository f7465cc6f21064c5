"""Clocks, and what waits for them."""

from __future__ import annotations

import ctypes
import select
import signal
import threading
import time
from pathlib import Path

from .hazard import Steps, call, hazard, libc, same_if

LONG = 10.0
"""Seconds after which a timer that did not fire is called lost."""


class TimerSpec(ctypes.Structure):
    _fields_ = (("interval", ctypes.c_long * 2), ("value", ctypes.c_long * 2))


@hazard
def timerfd(folder: Path) -> Steps:
    """A timer with a descriptor, three seconds ahead."""
    clock_monotonic = 1
    descriptor = call(libc.timerfd_create(clock_monotonic, 0))
    three_seconds = TimerSpec((0, 0), (3, 0))
    call(libc.timerfd_settime(descriptor, 0, ctypes.byref(three_seconds), None))
    yield {}
    return same_if(bool(select.select([descriptor], [], [], LONG)[0]), "it never fires")


@hazard
def interval_timer(folder: Path) -> Steps:
    """`signal.setitimer`, three seconds ahead."""
    fired = threading.Event()
    signal.signal(signal.SIGALRM, lambda *_: fired.set())
    signal.setitimer(signal.ITIMER_REAL, 3)
    yield {}
    return same_if(fired.wait(LONG), "it never fires")


@hazard
def sleeping_thread(folder: Path) -> Steps:
    """A thread that sleeps three seconds."""
    woke = threading.Event()

    def sleep() -> None:
        time.sleep(3)
        woke.set()

    threading.Thread(target=sleep, daemon=True).start()
    yield {}
    return same_if(woke.wait(LONG), "it never wakes")


@hazard
def clocks(folder: Path) -> Steps:
    """Wall clock and monotonic clock: on gVisor both go on over the time in between, so every deadline is due at once."""
    wall, monotonic = time.time(), time.monotonic()
    yield {}
    drift = abs((time.time() - wall) - (time.monotonic() - monotonic))
    return same_if(time.time() > wall and time.monotonic() > monotonic and drift < 0.5, f"the clocks differ by {drift:.1f} s")
