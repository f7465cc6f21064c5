"""JUnit XML: a suite for each app, a failing case for each finding, a passing one for a clean app and for each clean rule of a container."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from snapdoctor import catalog
from snapdoctor.report.report import from_root, where

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

# XML 1.0 has no place for these, escaped or not.
CONTAINER = "container"
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The document; times are 0, because reading source has none worth telling."""
    by_path: dict[str, list[Finding]] = {path: [] for path in report.apps}
    for finding in report.findings:
        by_path.setdefault(_suite(finding), []).append(finding)
    if report.state is not None:
        by_path.setdefault(CONTAINER, [])
    passed = {CONTAINER: [code for code in report.checked if all(finding.rule != code for finding in report.findings)]}
    total = len(report.findings) + sum(len(passed.get(path, ())) or (not found) for path, found in by_path.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="snapdoctor" tests="{total}" failures="{len(report.findings)}" errors="0" time="0">')
    for path, found in by_path.items():
        name = _attribute(from_root(path))
        clean = passed.get(path, [])
        lines.append(
            f'  <testsuite name={name} tests="{max(len(found) + len(clean), 1)}" failures="{len(found)}" errors="0" skipped="0" time="0">'
        )
        cases = [_case(finding, name) for finding in found] + [_passed(code, name) for code in clean]
        lines += cases or [f'    <testcase name="no findings" classname={name} time="0"/>']
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _case(finding: Finding, name: str) -> str:
    place = finding.location
    title = _attribute(f"{finding.rule} {finding.name} {f'line {place.line}' if place is not None else where(finding)}")
    text = escape(FORBIDDEN.sub("�", f"{where(finding)}\n{finding.message}\n{finding.help}"))
    message, kind = _attribute(finding.message), _attribute(finding.severity.label)
    return f'    <testcase name={title} classname={name} time="0">\n      <failure message={message} type={kind}>{text}</failure>\n    </testcase>'


def _passed(code: str, name: str) -> str:
    return f'    <testcase name={_attribute(f"{code} {catalog.find(code).rule.name}")} classname={name} time="0"/>'


def _suite(finding: Finding) -> str:
    return finding.location.path if finding.location is not None else CONTAINER


def _attribute(text: str) -> str:
    return quoteattr(FORBIDDEN.sub("�", text), {"\n": "&#10;"})
