"""Findings for a person: where, what, why it matters, what to type, with the source in view."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snapdoctor.finding import Finding, Location
    from snapdoctor.report.style import Style

WIDTH = 100


def render(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """One block per finding."""
    sources: dict[str, list[str]] = {}
    for finding in findings:
        yield "\n".join(_block(finding, style, sources)) + "\n"


def _block(finding: Finding, style: Style, sources: dict[str, list[str]]) -> Iterator[str]:
    label = finding.severity.label
    likely = style.paint(" (likely)", "dim") if finding.confidence is Confidence.LIKELY else ""
    yield f"{style.paint(label, label)}{likely} {style.paint(f'{finding.rule} {finding.name}', 'bold')}"
    yield from _frame(finding.location, label, style, sources)
    yield from _wrapped("  = ", finding.message, style)
    for related in finding.related:
        place = related.location
        yield from _wrapped("  - ", f"{place.path}:{place.line}: {related.message}", style)
    yield from _wrapped("  > ", finding.help, style, "green")


def _frame(place: Location, label: str, style: Style, sources: dict[str, list[str]]) -> Iterator[str]:
    yield f"  {style.paint('-->', 'blue')} {place.path}:{place.line}:{place.column}"
    lines = _lines(place.path, sources)
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


def _lines(path: str, sources: dict[str, list[str]]) -> list[str]:
    if path not in sources:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                sources[path] = file.read().splitlines()
        except OSError:
            sources[path] = []
    return sources[path]


def _wrapped(mark: str, text: str, style: Style, kind: str = "blue") -> Iterator[str]:
    first = True
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, WIDTH - len(mark), break_long_words=False, break_on_hyphens=False) or [""]:
            yield f"{style.paint(mark, kind) if first else ' ' * len(mark)}{line}"
            first = False


def summary(findings: list[Finding], files: int, apps: int) -> str:
    """One line that counts."""
    if not findings:
        return f"No findings in {_plural(apps, 'Modal app')} ({_plural(files, 'file')} looked at)."
    counts = []
    for label in ("error", "warning", "advice"):
        count = sum(1 for finding in findings if finding.severity.label == label)
        if count:
            counts.append(f"{count} {label}{'s' if count > 1 and label != 'advice' else ''}")
    return (
        f"{', '.join(counts)} in {_plural(apps, 'Modal app')} ({_plural(files, 'file')} looked at). `snapdoctor explain CODE` tells more."
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
