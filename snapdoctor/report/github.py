"""GitHub's workflow commands, which annotate a pull request, and the table of a step's summary.

Source of the grammar: actions/toolkit, `core/src/command.ts`. A step shows ten errors and ten warnings, so the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Severity
from snapdoctor.report.report import from_root, where

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render(report: Report) -> str:
    """One command for each finding."""
    return "\n".join(_command(finding) for finding in _worst_first(report))


def summary(report: Report) -> str:
    """A Markdown table for the file that GITHUB_STEP_SUMMARY names."""
    if not report.findings:
        return f"### snapdoctor\n\nNo findings in {len(report.apps)} Modal apps.\n"
    rows = [
        f"| {finding.severity.label} | {finding.rule} {finding.name} | `{where(finding)}` | {_cell(finding.message)} |"
        for finding in _worst_first(report)
    ]
    return "\n".join(["### snapdoctor", "", "| severity | rule | where | what |", "|---|---|---|---|", *rows, ""])


def _worst_first(report: Report) -> list[Finding]:
    return sorted(report.findings, key=lambda finding: -finding.severity)


def _command(finding: Finding) -> str:
    place = finding.location
    if place is None:
        return f"::{LEVELS[finding.severity]} title={_property(f'{finding.rule} {finding.name}')}::{_data(f'{where(finding)}: {finding.message} {finding.help}')}"
    properties = {"file": from_root(place.path), "line": str(place.line), "endLine": str(place.end_line)}
    if place.line == place.end_line:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    properties["title"] = f"{finding.rule} {finding.name}"
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{LEVELS[finding.severity]} {given}::{_data(f'{finding.message} {finding.help}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
