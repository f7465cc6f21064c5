"""Randomness, names and environment: what every restored copy has in common."""

from __future__ import annotations

import os
import random
import socket
import uuid
from pathlib import Path

from .hazard import Steps, hazard, same_if


@hazard
def random_state(folder: Path) -> Steps:
    """A generator seeded before: every restore draws the same numbers from it; the kernel's randomness is fresh."""
    random.seed()
    future = random.getstate()
    drawn = {uuid.uuid4().hex, os.urandom(16).hex()}
    yield {}
    again = random.random()
    random.setstate(future)
    return same_if(again == random.random() and not drawn & {uuid.uuid4().hex, os.urandom(16).hex()}, "the generator moved")


@hazard
def process_identity(folder: Path) -> Steps:
    """Pid, parent, hash seed, host name, environment."""

    def identity() -> tuple[object, ...]:
        return os.getpid(), os.getppid(), hash("text"), socket.gethostname(), os.environ.get("PATH"), len(os.sched_getaffinity(0))

    before = identity()
    yield {}
    return same_if(identity() == before, f"{identity()} and not {before}")
