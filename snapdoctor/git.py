"""What git knows of files: which are ignored, which changed since a revision."""

from __future__ import annotations

import os
from pathlib import Path


class GitError(Exception):
    """Git is missing, or refused; the text says what to do."""


def root_of(folder: Path) -> Path | None:
    """The work tree that holds a folder; None outside any."""
    here = folder.resolve()
    return next((candidate for candidate in (here, *here.parents) if (candidate / ".git").exists()), None)


def ignored(paths: list[Path], folder: Path) -> frozenset[Path]:
    """Those of the paths that .gitignore and its like exclude; none where git cannot be asked. Tracked files are never ignored."""
    if not paths or root_of(folder) is None:
        return frozenset()
    import subprocess

    given = "\0".join(os.path.relpath(path, folder) for path in paths)
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "check-ignore", "-z", "--stdin"],
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
    except OSError:
        return frozenset()
    if done.returncode not in (0, 1):
        return frozenset()
    named = {name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name}
    return frozenset(path for path in paths if os.path.relpath(path, folder) in named)


def changed_since(revision: str, folder: Path) -> frozenset[Path]:
    """Files of the work tree that differ from a revision, new ones included, as real paths; raises `GitError`."""
    root = root_of(folder)
    if root is None:
        raise GitError(f"--changed-since {revision}: {folder} is in no git repository")
    names = _asked(root, revision, "diff", "--name-only", "-z", "--diff-filter=d", revision, "--")
    names += _asked(root, revision, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(Path(os.path.realpath(root / name)) for name in names if name)


def _asked(root: Path, revision: str, *words: str) -> list[str]:
    import subprocess

    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"--changed-since {revision}: git cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(f"--changed-since {revision}: git says: {told[0] if told else done.returncode}")
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")
