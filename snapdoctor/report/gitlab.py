"""GitLab's Code Quality report: a JSON array, `[]` when there is nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snapdoctor.finding import Severity
from snapdoctor.report.report import from_root

if TYPE_CHECKING:
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
            "location": {
                "path": from_root(finding.place.path),
                "lines": {"begin": finding.place.line, "end": finding.place.end_line},
            },
        }
        for finding, fingerprint in zip(report.findings, report.fingerprints, strict=True)
    ]
    return json.dumps(items, indent=2, ensure_ascii=False)
