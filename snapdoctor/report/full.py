"""Findings for a person: where, what, why it matters, what to type, with the source in view."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.finding import Finding, Location
    from snapdoctor.report.report import Report

WIDTH = 100


def page(report: Report, colour: bool) -> str:
    """A block for each finding, then one line that counts; empty when there was no app to check."""
    style = Style(colour)
    blocks = ["\n".join(_block(finding, style, report)) + "\n" for finding in report.findings]
    return "\n".join([*blocks, summary(report)] if report.apps else blocks)


def _block(finding: Finding, style: Style, report: Report) -> Iterator[str]:
    label = finding.severity.label
    likely = style.paint(" (likely)", "dim") if finding.confidence is Confidence.LIKELY else ""
    yield f"{style.paint(label, label)}{likely} {style.paint(f'{finding.rule} {finding.name}', 'bold')}"
    yield from _frame(finding.place, label, style, report)
    yield from _wrapped("  = ", finding.message, style)
    for related in finding.related:
        place = related.location
        yield from _wrapped("  - ", f"{place.path}:{place.line}: {related.message}", style)
    yield from _wrapped("  > ", finding.help, style, "green")


def _frame(place: Location, label: str, style: Style, report: Report) -> Iterator[str]:
    yield f"  {style.paint('-->', 'blue')} {place.path}:{place.line}:{place.column}"
    lines = report.lines_of(place.path)
    if not 0 < place.line <= len(lines):
        return
    text = lines[place.line - 1].expandtabs(1)
    number = str(place.line)
    bar = style.paint("|", "blue")
    end = place.end_column if place.end_line == place.line else len(text) + 1
    width = max(min(end, len(text) + 1) - place.column, 1)
    yield f"  {' ' * len(number)} {bar}"
    yield f"  {style.paint(number, 'blue')} {bar} {text}"
    yield f"  {' ' * len(number)} {bar} {' ' * (place.column - 1)}{style.paint('^' * width, label)}"


def _wrapped(mark: str, text: str, style: Style, kind: str = "blue") -> Iterator[str]:
    first = True
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, WIDTH - len(mark), break_long_words=False, break_on_hyphens=False) or [""]:
            yield f"{style.paint(mark, kind) if first else ' ' * len(mark)}{line}"
            first = False


def summary(report: Report) -> str:
    """One line that counts, and says what can be fixed by typing less."""
    looked = f"{_plural(len(report.apps), 'Modal app')} ({_plural(report.files, 'file')} looked at)"
    if not report.findings:
        return f"No new findings in {looked}." if report.known else f"No findings in {looked}."
    counts = []
    for label in ("error", "warning", "advice"):
        count = sum(1 for finding in report.findings if finding.severity.label == label)
        if count:
            counts.append(f"{count} {label}{'s' if count > 1 and label != 'advice' else ''}")
    return f"{', '.join(counts)} in {looked}. `snapdoctor explain CODE` tells more.{_fixable(report)}"


def _fixable(report: Report) -> str:
    safe = sum(1 for finding in report.findings if finding.fix is not None and finding.fix.safety == "safe")
    other = sum(1 for finding in report.findings if finding.fix is not None) - safe
    if safe and other:
        return f" `--fix` mends {safe}, with `--unsafe-fixes` {safe + other}."
    if safe:
        return f" `--fix` mends {safe}."
    return f" `--fix --unsafe-fixes` mends {other}; look at `--diff --unsafe-fixes` first." if other else ""


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
