"""Which processes there are, who started whom, and how: `/proc/PID/stat`, `status`, `cmdline`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container import procfs
from snapdoctor.container.model import EXECUTED, FORKED, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

# include/linux/sched.h: forked and has not executed a program since. gVisor shows no flags.
FORKED_WITHOUT_EXEC = 0x40
KERNEL_THREAD = 0x200000
STATES = {
    "R": "running", "S": "sleeping", "D": "waiting", "T": "stopped", "t": "traced", "Z": "zombie", "X": "zombie", "x": "zombie", "I": "idle",
}  # fmt: skip
TICKS = os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """One line of `/proc/PID/stat`."""

    pid: int
    name: str
    state: str
    parent: int
    flags: int
    threads: int
    started: float
    """Seconds since the machine's start."""


def stat(text: bytes) -> Stat:
    """Read the line; the name may hold anything, spaces and brackets included."""
    head, _, tail = text.decode("utf-8", "replace").rpartition(")")
    pid, _, name = head.partition(" (")
    fields = tail.split()
    return Stat(
        pid=int(pid),
        name=name,
        state=STATES.get(fields[0], fields[0]),
        parent=int(fields[1]),
        flags=int(fields[6]),
        threads=int(fields[17]),
        started=int(fields[19]) / TICKS,
    )


def snapshot(only: Iterable[int] | None = None) -> dict[int, Stat]:
    """Every process that can be seen now (or only these); those that end meanwhile are left out."""
    found = {}
    for pid in procfs.pids() if only is None else only:
        try:
            found[pid] = stat(procfs.read(pid, "stat"))
        except (procfs.Gone, procfs.Unseen, ValueError, IndexError):
            continue
    return found


def below(root: int, known: dict[int, Stat]) -> list[int]:
    """`root` and all its descendants, a parent before its children, siblings by age."""
    children: dict[int, list[int]] = {}
    for pid, one in known.items():
        children.setdefault(one.parent, []).append(pid)
    found, stack = [], [root]
    while stack:
        pid = stack.pop()
        if pid not in known or pid in found:
            continue
        found.append(pid)
        stack += sorted(children.get(pid, ()), key=lambda child: (known[child].started, child), reverse=True)
    return found


def ordered(known: dict[int, Stat]) -> list[int]:
    """Every process, in the order of the trees that they form."""
    roots = sorted((pid for pid, one in known.items() if one.parent not in known or one.parent == pid), key=lambda pid: pid)
    return [pid for root in roots for pid in below(root, known)]


def status(text: bytes) -> dict[str, str]:
    """`/proc/PID/status` by field; which fields there are differs by kernel."""
    found = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name] = value.strip()
    return found


def kibibytes(fields: dict[str, str], name: str) -> int | None:
    """A size field of `status` in bytes; None where it is not shown."""
    words = fields.get(name, "").split()
    return int(words[0]) * 1024 if words and words[0].isdigit() else None


def arguments(text: bytes) -> tuple[str, ...]:
    """The words of `/proc/PID/cmdline`; a rewritten title comes as one word, without what pads it."""
    words = text.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8")
    return tuple(words.rstrip("\0 ").split("\0")) if words.strip("\0 ") else ()


def origin(one: Stat, command: tuple[str, ...], program: str, parent: tuple[tuple[str, ...], str] | None, gvisor: bool) -> str | None:
    """Whether a process has executed a program of its own since it was forked; `parent` is its parent's command and program.

    Linux says so. gVisor does not: there a process with its parent's program and command is taken for a copy of it.
    """
    if parent is None:
        return ROOT
    if not gvisor:
        return FORKED if one.flags & FORKED_WITHOUT_EXEC else EXECUTED
    if not command or not program:
        return None
    return FORKED if parent == (command, program) else EXECUTED
