"""A finding: one place where a hazard applies, as plain data."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How bad a finding is; the order is the order of `--fail-on`."""

    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word people type and read: `error`, `warning` or `advice`."""
        return self.name.lower()


class Confidence(Enum):
    """`CERTAIN` when every value behind the finding was resolved, `LIKELY` when a default or one branch was assumed."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Evidence(NamedTuple):
    """Why a rule is believed."""

    grade: str
    """`measured`, `source`, `documented` or `reported`."""
    text: str
    url: str | None = None


class Location(NamedTuple):
    """A range of source; lines and columns count from 1, columns in code points, the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class ProcessPlace(NamedTuple):
    """Where a finding is in a container: a process, and what it holds."""

    pid: int
    command: str
    """Its command line as a person reads it, keys and tokens hidden."""
    subject: str
    """The file, socket, device or variable that the finding is about; empty: the process itself."""


class Edit(NamedTuple):
    """Replace the code points `start` to `end` (offsets from 0) of a file by `text`."""

    path: str
    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """A remedy as edits."""

    title: str
    safety: str
    """`safe` or `unsafe`."""
    edits: tuple[Edit, ...]


class Related(NamedTuple):
    """A second place that explains the first."""

    location: Location
    message: str


class Finding(NamedTuple):
    """One place where a rule applies, located and ready to print."""

    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    help: str
    evidence: tuple[Evidence, ...]
    location: Location | None
    """In source or in a log; None for what was seen in a container."""
    deployment: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    process: ProcessPlace | None = None
    """In a container; None for what was read in source or in a log."""

    @property
    def place(self) -> Location:
        """Its place in a file; raises `ValueError` for a finding that has none."""
        if self.location is None:
            raise ValueError(f"{self.rule} was seen in a process, not in a file")
        return self.location
