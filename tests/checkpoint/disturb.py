"""What may happen to a file between checkpoint and restore."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def touch(path: Path) -> None:
    """A new time."""
    status = path.stat()
    os.utime(path, (status.st_atime, status.st_mtime + 100))


def append(path: Path) -> None:
    """Longer."""
    with path.open("ab") as file:
        file.write(b"B" * 4096)


def overwrite(path: Path) -> None:
    """Other bytes, the same length, the same inode."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"B" * size)


def truncate(path: Path) -> None:
    """Shorter."""
    os.truncate(path, 10)


def replace(path: Path) -> None:
    """Other bytes in a new file of the same name, as a re-download or a careful writer makes it."""
    new = path.with_suffix(".new")
    new.write_bytes(b"B" * path.stat().st_size)
    new.rename(path)


def delete(path: Path) -> None:
    """Gone."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


DISTURBANCES: dict[str, Callable[[Path], None]] = {step.__name__: step for step in (touch, append, overwrite, truncate, replace, delete)}
