"""A folder outside the checkout that keeps what is slow to make: one entry per name and version, whole or absent."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def root() -> Path:
    """`$SNAPDOCTOR_TEST_CACHE`, else `snapdoctor-tests` in the user's cache folder."""
    told = os.environ.get("SNAPDOCTOR_TEST_CACHE")
    return Path(told) if told else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "snapdoctor-tests"


def digest(*inputs: str) -> str:
    """Eight hexadecimal digits over what an entry is made from, for its version."""
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:8]


def entry(name: str, version: str, make: Callable[[Path], None]) -> Path:
    """The folder `<name>-<version>`, made by `make(folder)` when absent.

    `make` fills a temporary folder beside it, which gets its name only when whole: a killed build leaves nothing that looks finished.
    Two processes that want the same entry make it once; the second waits for the first.
    """
    place = root() / f"{name}-{version}"
    if place.is_dir():
        return place
    with _alone(root() / f"{name}.lock"):
        if place.is_dir():
            return place
        for left_by_a_killed_build in root().glob(f".{name}-*.making"):
            shutil.rmtree(left_by_a_killed_build)
        making = Path(tempfile.mkdtemp(dir=root(), prefix=f".{name}-", suffix=".making"))
        print(f"tests/engines: making {place.name} in {root()}", file=sys.stderr, flush=True)
        try:
            make(making)
            making.rename(place)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return place


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold an advisory lock, which the kernel releases however the holder ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
