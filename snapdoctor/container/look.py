"""One look at one process: everything that `/proc` says of it, unjudged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from snapdoctor.container import descriptors, gpu, mappings, procfs, tree
from snapdoctor.container.environment import variables
from snapdoctor.container.model import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from snapdoctor.container.descriptors import Open
    from snapdoctor.container.mappings import Range
    from snapdoctor.container.tree import Stat

Seen = TypeVar("Seen")


class Look(NamedTuple):
    """What was seen of one process."""

    stat: Stat
    status: dict[str, str]
    command: tuple[str, ...]
    environment: dict[str, str]
    program: str
    folder: str
    """Its working directory, with ` (deleted)` behind it when it is gone."""
    ranges: tuple[Range, ...]
    opens: tuple[Open, ...]
    threads: tuple[str, ...]
    """Names of its threads, asked only of a process that may hold CUDA state."""
    root: str
    """The way to its root folder; empty when it is ours."""
    network: str
    """Its network namespace; empty where it is not shown."""
    namespace: str
    """Its pid namespace; empty where it is not shown."""
    gaps: tuple[Gap, ...]


def look(pid: int) -> Look:
    """Look at a process; raises `procfs.Gone` when it ends meanwhile. One that executes another program meanwhile is looked at again."""
    first = _look(pid)
    again = _link(pid, "exe")
    return first if again == first.program else _look(pid)


def unanswered(stat: Stat, why: str) -> Look:
    """What is known of a process that did not answer."""
    gap = Gap("process", stat.pid, f"{why}, so only its name, parent and state are known")
    return _bare(stat, (gap,))


def _bare(stat: Stat, gaps: tuple[Gap, ...]) -> Look:
    return Look(stat, {}, (), {}, "", "", (), (), (), "", "", "", gaps)


def _look(pid: int) -> Look:
    gaps: list[Gap] = []

    def seen(subject: str, question: Callable[[], Seen], otherwise: Seen) -> Seen:
        try:
            return question()
        except procfs.Unseen as error:
            gaps.append(Gap(subject, pid, f"{error}"))
            return otherwise

    stat = tree.stat(procfs.read(pid, "stat"))
    if stat.state == "zombie":
        return _bare(stat, ())
    program = _link(pid, "exe")
    status = tree.status(seen("status", lambda: procfs.read(pid, "status"), b""))
    command = tree.arguments(seen("command line", lambda: procfs.read(pid, "cmdline"), b""))
    environment = variables(seen("environment", lambda: procfs.read(pid, "environ"), b""))
    ranges = tuple(mappings.ranges(seen("mappings", lambda: procfs.read(pid, "maps"), b""), pid))
    nothing: tuple[Open, ...] = ()
    opens = seen("descriptors", lambda: tuple(descriptors.listed(pid)), nothing)
    return Look(
        stat,
        status,
        command,
        environment,
        program,
        _link(pid, "cwd", with_mark=True),
        ranges,
        opens,
        threads=_threads(pid) if _may_hold_cuda(ranges, opens) else (),
        root="" if _link(pid, "ns/mnt") == _link(os.getpid(), "ns/mnt") else f"/proc/{pid}/root",
        network=_link(pid, "ns/net"),
        namespace=_link(pid, "ns/pid"),
        gaps=tuple(gaps),
    )


def _may_hold_cuda(ranges: tuple[Range, ...], opens: tuple[Open, ...]) -> bool:
    return any("libcuda.so" in one.path or gpu.is_device(one.path) for one in ranges) or any(gpu.is_device(one.target) for one in opens)


def _threads(pid: int) -> tuple[str, ...]:
    found = []
    try:
        for thread in procfs.names(pid, "task"):
            found.append(procfs.read(pid, f"task/{thread}/comm").decode("utf-8", "replace").strip())
    except (procfs.Gone, procfs.Unseen):
        pass
    return tuple(found)


def _link(pid: int, name: str, with_mark: bool = False) -> str:
    """Where a link leads; empty for kernel threads, for other users' processes and where it is not shown."""
    try:
        target = procfs.link(pid, name)
        return target if with_mark else target.removesuffix(mappings.DELETED)
    except (procfs.Gone, procfs.Unseen):
        return ""
