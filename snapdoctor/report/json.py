"""Findings for programs: one versioned object (schema: `snapdoctor/schemas/findings-v1.json`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from snapdoctor.typed_json import plain

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

VERSION = 1


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    listed = report.findings
    by_severity = {label: sum(1 for finding in listed if finding.severity.label == label) for label in ("error", "warning", "advice")}
    by_rule: dict[str, int] = {}
    for finding in listed:
        by_rule[finding.rule] = by_rule.get(finding.rule, 0) + 1
    more: dict[str, Any] = {"entries": plain(report.checkup.entries)} if report.checkup is not None else {}
    if report.rehearsed is not None:
        from snapdoctor.report import rehearsal_json

        more["rehearsal"] = rehearsal_json.data(report.rehearsed, report.findings)
    return {
        "version": VERSION,
        "command": report.command,
        "findings": [finding_data(finding) for finding in listed],
        "summary": {"total": len(listed), "by_severity": by_severity, "by_rule": dict(sorted(by_rule.items()))},
        **more,
    }


def render(report: Report) -> str:
    """The report as text."""
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def finding_data(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    data: dict[str, Any] = plain(finding)
    return data
