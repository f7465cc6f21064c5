"""Findings for programs: one versioned object (schema: `snapdoctor/schemas/findings-v1.json`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snapdoctor.finding import Finding, Fix, Location
    from snapdoctor.report.report import Report

VERSION = 1


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    listed = report.findings
    by_severity = {label: sum(1 for finding in listed if finding.severity.label == label) for label in ("error", "warning", "advice")}
    by_rule: dict[str, int] = {}
    for finding in listed:
        by_rule[finding.rule] = by_rule.get(finding.rule, 0) + 1
    return {
        "version": VERSION,
        "command": report.command,
        "findings": [finding_data(finding) for finding in listed],
        "summary": {"total": len(listed), "by_severity": by_severity, "by_rule": dict(sorted(by_rule.items()))},
    }


def render(report: Report) -> str:
    """The report as text."""
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def finding_data(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.label,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "help": finding.help,
        "evidence": [item._asdict() for item in finding.evidence],
        "fix": _fix(finding.fix),
        "location": _location(finding.location),
        "deployment": finding.deployment,
        "related": [{"location": _location(related.location), "message": related.message} for related in finding.related],
    }


def _location(place: Location) -> dict[str, Any]:
    return place._asdict()


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {"title": fix.title, "safety": fix.safety, "edits": [edit._asdict() for edit in fix.edits]}
