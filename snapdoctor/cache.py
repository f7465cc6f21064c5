"""Findings kept between runs, by the content of everything they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from snapdoctor import __version__
from snapdoctor.finding import Confidence, Edit, Evidence, Finding, Fix, Location, Related, Severity
from snapdoctor.linting import FileResult, lint_files

FORMAT = 2


def lint_cached(paths: list[Path], codes: frozenset[str]) -> list[FileResult]:
    """Lint files, taking from the cache what has not changed; a broken or unwritable cache costs time, nothing else."""
    store = _Store(codes)
    known = {str(path): found for path in paths if (found := store.get(path)) is not None}
    fresh = lint_files([path for path in paths if str(path) not in known], codes)
    for result in fresh:
        store.put(result)
    made = {**known, **{result.path: result for result in fresh}}
    return [made[str(path)] for path in paths]


class _Store:
    def __init__(self, codes: frozenset[str]) -> None:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self._folder = os.path.join(base, "snapdoctor")
        self._salt = f"{FORMAT}|{__version__}|{_build()}|{','.join(sorted(codes))}|{sys.version_info[:2]}"

    def get(self, path: Path) -> FileResult | None:
        try:
            with open(self._place(path), encoding="utf-8") as file:
                data = json.load(file)
            if data["salt"] != self._salt or any(_digest(name) != digest for name, digest in data["read"].items()):
                return None
            return FileResult(str(path), tuple(_finding(item) for item in data["findings"]), data["is_app"], tuple(data["read"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, result: FileResult) -> None:
        place = self._place(Path(result.path))
        data = {
            "salt": self._salt,
            "read": {name: _digest(name) for name in result.read},
            "findings": [_plain(finding) for finding in result.findings],
            "is_app": result.is_app,
        }
        try:
            os.makedirs(self._folder, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file)
            os.replace(temporary, place)
        except OSError:
            return

    def _place(self, path: Path) -> str:
        where = f"{os.getcwd()}|{path}"
        return os.path.join(self._folder, hashlib.sha256(where.encode("utf-8", "surrogateescape")).hexdigest()[:32])


def _digest(name: str) -> str:
    with open(name, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _build() -> str:
    """Size and time of every source file of the tool: an edited rule must not meet an old cache."""
    import snapdoctor.rules

    found = []
    for top in (os.path.dirname(__file__), next(iter(snapdoctor.rules.__path__))):
        for folder, names, files in os.walk(top):
            names[:] = [name for name in names if name != "__pycache__"]
            found += [os.stat(os.path.join(folder, name)) for name in files if name.endswith(".py")]
    return hashlib.sha256(repr([(entry.st_size, entry.st_mtime_ns) for entry in found]).encode()).hexdigest()[:16]


def _plain(finding: Finding) -> list[Any]:
    return [*finding[:2], int(finding.severity), finding.confidence.value, *finding[4:]]


def _finding(data: list[Any]) -> Finding:
    rule, name, severity, confidence, message, help_, evidence, place, deployment, related, fix = data
    return Finding(
        rule,
        name,
        Severity(severity),
        Confidence(confidence),
        message,
        help_,
        tuple(Evidence(*item) for item in evidence),
        Location(*place),
        deployment,
        tuple(Related(Location(*at), text) for at, text in related),
        Fix(fix[0], fix[1], tuple(Edit(*edit) for edit in fix[2])) if fix is not None else None,
    )
