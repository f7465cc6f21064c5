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
    location: Location
    deployment: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
