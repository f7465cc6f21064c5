"""One line for each finding, as editors and `grep` like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snapdoctor.report.report import Report


def render(report: Report) -> str:
    """`path:line:column: CODE severity: message`, the help left out."""
    lines = []
    for finding in report.findings:
        place = finding.place
        message = " ".join(finding.message.split())
        lines.append(f"{place.path}:{place.line}:{place.column}: {finding.rule} {finding.severity.label}: {message}")
    return "\n".join(lines)
