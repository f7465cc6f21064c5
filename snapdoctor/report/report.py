"""What every format renders: the findings of one run, and where their sources are."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.text import decoded

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding
    from snapdoctor.gathering import Checkup
    from snapdoctor.report.diagnosis import Diagnosed
    from snapdoctor.staging import Staged


class Report(NamedTuple):
    """One run's findings."""

    command: str
    findings: tuple[Finding, ...]
    apps: tuple[str, ...]
    """Files that were checked as Modal apps."""
    files: int
    """How many files were looked at."""
    known: int = 0
    """Findings left out because a baseline holds them."""
    given: tuple[tuple[str, str], ...] = ()
    """Texts that stand for files (standard input), by path."""
    state: ContainerState | None = None
    """What was looked at, where that is a container."""
    checked: tuple[str, ...] = ()
    """The rules that looked at the container."""
    diagnosed: Diagnosed | None = None
    """What a log tells, where one was read."""
    rehearsed: Staged | None = None
    """A rehearsed life, where there was one."""
    checkup: Checkup | None = None
    """What all evidence together says, where that was asked."""

    def text_of(self, path: str) -> str | None:
        """The text of a reported file; None where it cannot be read."""
        for name, text in self.given:
            if name == path:
                return text
        return _read(path)

    def lines_of(self, path: str) -> list[str]:
        """Its lines."""
        return (self.text_of(path) or "").splitlines()

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """One identity for each finding."""
        from snapdoctor.fingerprint import fingerprints

        return fingerprints(self.findings, self.text_of, from_root)


def where(finding: Finding) -> str:
    """Where a finding is, in a word: `app.py:12:5`, or `pid 42`."""
    if finding.location is not None:
        return f"{from_root(finding.location.path)}:{finding.location.line}:{finding.location.column}"
    return f"pid {finding.process.pid}" if finding.process is not None else "nowhere"


@lru_cache(maxsize=512)
def _read(path: str) -> str | None:
    try:
        found = decoded(Path(path).read_bytes())
    except OSError:
        return None
    return found.text if found is not None else None


def from_root(path: str) -> str:
    """A path from the root of its repository (or of GitLab's checkout, or from here), with forward slashes; as it is where it lies outside."""
    whole = os.path.realpath(path)
    root = os.environ.get("CI_PROJECT_DIR") or _root(os.path.dirname(whole))
    shown = os.path.relpath(whole, os.path.realpath(root))
    return Path(path if shown.startswith("..") else shown).as_posix()


@lru_cache(maxsize=256)
def _root(folder: str) -> str:
    here = Path(folder)
    for candidate in (here, *here.parents):
        if (candidate / ".git").exists():
            return str(candidate)
    return os.getcwd()
