"""JUnit XML: a suite for each app, a failing case for each finding, a passing one for a clean app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from snapdoctor.report.report import from_root

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

# XML 1.0 has no place for these, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The document; times are 0, because reading source has none worth telling."""
    by_path: dict[str, list[Finding]] = {path: [] for path in report.apps}
    for finding in report.findings:
        by_path.setdefault(finding.place.path, []).append(finding)
    total = len(report.findings) + sum(1 for found in by_path.values() if not found)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="snapdoctor" tests="{total}" failures="{len(report.findings)}" errors="0" time="0">')
    for path, found in by_path.items():
        name = _attribute(from_root(path))
        lines.append(f'  <testsuite name={name} tests="{max(len(found), 1)}" failures="{len(found)}" errors="0" skipped="0" time="0">')
        lines += [_case(finding, name) for finding in found] or [f'    <testcase name="no findings" classname={name} time="0"/>']
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _case(finding: Finding, name: str) -> str:
    place = finding.place
    where = f"{from_root(place.path)}:{place.line}:{place.column}"
    title = _attribute(f"{finding.rule} {finding.name} line {place.line}")
    text = escape(FORBIDDEN.sub("�", f"{where}\n{finding.message}\n{finding.help}"))
    message, kind = _attribute(finding.message), _attribute(finding.severity.label)
    return f'    <testcase name={title} classname={name} time="0">\n      <failure message={message} type={kind}>{text}</failure>\n    </testcase>'


def _attribute(text: str) -> str:
    return quoteattr(FORBIDDEN.sub("�", text), {"\n": "&#10;"})
