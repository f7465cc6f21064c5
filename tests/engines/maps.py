"""What a process has mapped, straight from the kernel and not through the code under test."""

from __future__ import annotations

from pathlib import Path


def mapped(pid: int | str, *parts: str) -> set[tuple[str, str]]:
    """(permissions, path) of each mapping of a file in whose path one of `parts` occurs."""
    lines = (line.split(maxsplit=5) for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines())
    return {(words[1], words[5]) for words in lines if len(words) == 6 and any(part in words[5] for part in parts)}


def children(pid: int) -> set[int]:
    """Processes that any thread of this one started and that still run."""
    return {int(child) for listing in Path(f"/proc/{pid}/task").glob("*/children") for child in listing.read_text().split()}
