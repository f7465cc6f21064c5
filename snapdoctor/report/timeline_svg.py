"""A deployment's life as a drawing: events on a line, the snapshot as a bar across it, findings at their events."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from snapdoctor.report.timeline import hardware, rows
from snapdoctor.report.tree import SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment
    from snapdoctor.finding import Finding
    from snapdoctor.report.timeline import Row

WIDTH, STEP, AXIS, TEXT = 960, 24, 76, 96
LONGEST = 108


def svg(deployment: Deployment, findings: list[Finding]) -> str:
    """One drawing, 960 units wide; colours come from the page's variables."""
    lines = [*_lines(list(rows(deployment, findings)))]
    height = STEP * (len(lines) + 1)
    title = f"The life of {deployment.name}: {hardware(deployment)}"
    drawn = "\n".join(line(STEP * (number + 1)) for number, line in enumerate(lines))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" class="life">\n<title>{escape(title)}</title>\n'
        f'<line x1="{AXIS}" y1="{STEP // 2}" x2="{AXIS}" y2="{height - STEP // 2}" class="axis"/>\n{drawn}\n</svg>'
    )


def _lines(found: list[Row]) -> Iterator[_Line]:
    for row in found:
        yield _Line(row, None)
        for finding in row.findings:
            yield _Line(row, finding)


class _Line:
    """One line of the drawing; called with its height it gives its marks."""

    def __init__(self, row: Row, finding: Finding | None) -> None:
        self.row = row
        self.finding = finding

    def __call__(self, y: int) -> str:
        if self.finding is not None:
            label = self.finding.severity.label
            text = f"{SIGNS[self.finding.severity]} {self.finding.rule} {self.finding.name}: {self.finding.message}"
            return f'<text x="{TEXT + 18}" y="{y + 5}" class="mark {label}">{escape(_cut(text))}</text>'
        row = self.row
        if row.kind == "snapshot":
            return (
                f'<rect x="12" y="{y - 10}" width="{WIDTH - 24}" height="20" rx="4" class="snapshot"/>'
                f'<text x="{WIDTH / 2:.0f}" y="{y + 5}" class="snapshot">{escape(row.text)}</text>'
            )
        if row.kind == "event":
            hollow = " maybe" if row.maybe else ""
            return (
                f'<text x="{AXIS - 14}" y="{y + 5}" class="where">{escape(row.where)}</text><circle cx="{AXIS}" cy="{y}" r="4.5" class="event{hollow}"/>'
                f'<text x="{TEXT}" y="{y + 5}">{escape(_cut(row.text))}</text>'
            )
        return f'<text x="{TEXT - 12}" y="{y + 5}" class="phase">{escape(row.text)}</text>'


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
