"""Mounted file systems: `/proc/PID/mountinfo`."""

from __future__ import annotations

import re

from snapdoctor.container.model import Mount

ESCAPED = re.compile(r"\\([0-7]{3})")
# Their contents are memory, or made up by the kernel: they come with the snapshot or need none.
IN_THE_IMAGE = frozenset(
    ("tmpfs", "ramfs", "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "securityfs", "debugfs", "tracefs", "bpf", "nsfs", "hugetlbfs")
)  # fmt: skip


def mounts(text: bytes) -> tuple[Mount, ...]:
    """Every mount in the order of mounting; a line that cannot be read is left out."""
    found = []
    for line in text.decode("utf-8", "replace").splitlines():
        head, dash, tail = line.partition(" - ")
        before, after = head.split(" "), tail.split(" ")
        if dash and len(before) >= 6 and len(after) >= 2:
            found.append(Mount(_plain(before[4]), after[0], _plain(after[1]), "ro" in before[5].split(",")))
    return tuple(found)


def _plain(text: str) -> str:
    return ESCAPED.sub(lambda match: chr(int(match.group(1), 8)), text)
