"""One line for each finding, as editors and `grep` like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.report.report import where

if TYPE_CHECKING:
    from snapdoctor.report.report import Report


def render(report: Report) -> str:
    """`path:line:column: CODE severity: message` (or `pid 42: ...`), the help left out."""
    lines = []
    for finding in report.findings:
        message = " ".join(finding.message.split())
        place = finding.location
        shown = f"{place.path}:{place.line}:{place.column}" if place is not None else where(finding)
        lines.append(f"{shown}: {finding.rule} {finding.severity.label}: {message}")
    return "\n".join(lines)
