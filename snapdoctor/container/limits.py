"""The memory that a capture has to fit into: control groups of both versions, and the machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from snapdoctor.container import procfs
from snapdoctor.container.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/sys/fs/cgroup"
# Version 1 says "no limit" by a number near the end of 63 bits.
NO_LIMIT = 1 << 60


def limits(pid: int) -> Limits:
    """The tightest limit that applies to a process, and what is used of it; a missing one is None."""
    tightest: tuple[int, int | None] | None = None
    for limit, used in _groups(pid):
        if tightest is None or limit < tightest[0]:
            tightest = (limit, used)
    return Limits(
        memory=tightest[0] if tightest is not None else None,
        machine=_machine(),
        used=tightest[1] if tightest is not None else None,
    )


def _groups(pid: int) -> Iterator[tuple[int, int | None]]:
    """(limit, used) of every group above a process that has a limit."""
    for lowest, limit_name, used_name in _folders(pid):
        for folder in _upwards(lowest):
            limit = _number(os.path.join(folder, limit_name))
            if limit is not None and limit < NO_LIMIT:
                yield limit, _number(os.path.join(folder, used_name))


def _upwards(folder: str) -> Iterator[str]:
    """A group's folder and those above it, the root of the hierarchy included."""
    yield folder
    while folder not in (ROOT, os.path.join(ROOT, "memory")) and folder.startswith(ROOT):
        folder = os.path.dirname(folder)
        yield folder


def _folders(pid: int) -> Iterator[tuple[str, str, str]]:
    """The group's folder by version; inside a container the path may be the host's, and then the mounted root is the group itself."""
    try:
        text = procfs.read(pid, "cgroup").decode("utf-8", "replace")
    except (procfs.Gone, procfs.Unseen):
        text = "0::/"
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":
            folder = ROOT + path.rstrip("/")
            yield folder if os.path.isdir(folder) else ROOT, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            top = os.path.join(ROOT, "memory")
            folder = top + path.rstrip("/")
            yield folder if os.path.isdir(folder) else top, "memory.limit_in_bytes", "memory.usage_in_bytes"


def _number(path: str) -> int | None:
    try:
        text = procfs.whole(path).strip()
    except (procfs.Gone, procfs.Unseen):
        return None
    return int(text) if text.isdigit() else None


def _machine() -> int | None:
    try:
        text = procfs.whole("/proc/meminfo")
    except (procfs.Gone, procfs.Unseen):
        return None
    for line in text.splitlines():
        if line.startswith(b"MemTotal:"):
            return int(line.split()[1]) * 1024
    return None
