"""GitLab's Code Quality report: a JSON array, `[]` when there is nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from snapdoctor.finding import Severity
from snapdoctor.report.report import from_root, where

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

LEVELS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def render(report: Report) -> str:
    """The array; the rule's name begins the description, because GitLab does not show the check's name."""
    items = [
        {
            "description": f"{finding.rule} {finding.name}: {' '.join(finding.message.split())}",
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": LEVELS[finding.severity],
            "location": _location(finding),
        }
        for finding, fingerprint in zip(report.findings, report.fingerprints, strict=True)
    ]
    return json.dumps(items, indent=2, ensure_ascii=False)


def _location(finding: Finding) -> dict[str, Any]:
    """A file and lines, which GitLab demands; what was seen in a process has its id for a path."""
    place = finding.location
    if place is None:
        return {"path": where(finding), "lines": {"begin": 1, "end": 1}}
    return {"path": from_root(place.path), "lines": {"begin": place.line, "end": place.end_line}}
