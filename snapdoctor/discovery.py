"""Paths to Python files."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

from snapdoctor.git import ignored

SKIPPED = frozenset(
    (
        ".git",
        ".hg",
        ".venv",
        "venv",
        "env",
        "node_modules",
        "__pycache__",
        "site-packages",
        "build",
        "dist",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".eggs",
    )
)


class MissingPath(Exception):
    """A path given by the user that does not exist."""


def python_files(paths: tuple[str, ...], exclude: tuple[str, ...] = ()) -> list[Path]:
    """Every Python file under the paths that git does not ignore, each once, sorted; files named directly are taken whatever they are called.

    Raises `MissingPath`.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            walked = _walk(given, exclude)
            hidden = ignored(walked, path)
            found.update(dict.fromkeys(file for file in walked if file not in hidden))
        elif path.exists():
            if not _excluded(given, exclude):
                found[path] = None
        else:
            raise MissingPath(f"{given}: there is no such file or folder")
    return sorted(found)


def _walk(top: str, exclude: tuple[str, ...]) -> list[Path]:
    found = []
    for folder, names, files in os.walk(top):
        names[:] = sorted(
            name
            for name in names
            if name not in SKIPPED and not name.startswith(".") and not _excluded(os.path.join(folder, name), exclude)
        )
        found += [Path(folder, name) for name in files if name.endswith(".py") and not _excluded(os.path.join(folder, name), exclude)]
    return found


def _excluded(path: str, exclude: tuple[str, ...]) -> bool:
    if not exclude:
        return False
    relative = os.path.relpath(path).replace(os.sep, "/")
    return any(
        fnmatch.fnmatch(relative, pattern) or relative.startswith(pattern.rstrip("/") + "/") or os.path.basename(path) == pattern
        for pattern in exclude
    )
