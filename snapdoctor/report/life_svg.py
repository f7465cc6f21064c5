"""A rehearsed life drawn to scale: one bar of SVG for each phase, on a time axis that all share.

Places along the axis are percentages and heights are pixels, so that a drawing fits any width and its words keep their size. Every bar begins
with a mark two pixels wide: 0.01 s beside 30 s is narrower than anything that can be seen.
"""

from __future__ import annotations

from html import escape
from itertools import count
from typing import TYPE_CHECKING

from snapdoctor.report.life import SNAPSHOT, duration

if TYPE_CHECKING:
    from snapdoctor.report.life import Row

BAR, HOOKS, AXIS = 14, 5, 22
FEWEST_TICKS = 3
# Where a tick's words would leave the drawing.
LAST_TICK = 90.0
STYLE = """
svg.span, svg.axis { display: block; width: 100%; overflow: hidden } svg.span { background: var(--soft); border-radius: .2rem } svg .once { fill: var(--advice); stroke: var(--advice) }
svg .each { fill: var(--help); stroke: var(--help) } svg .later { fill: var(--ink); stroke: var(--ink); opacity: .45 } svg .failed { fill: var(--error); stroke: var(--error) }
svg rect { stroke-width: 0 } svg line { stroke-width: 2 } svg .hook { fill: var(--ink); opacity: .75 } svg .hook.odd { opacity: .4 } svg .cut { stroke: var(--advice); stroke-dasharray: 3 2; stroke-width: 1.5 }
svg.axis text { fill: var(--ink); opacity: .75; font: 12px system-ui, sans-serif } svg.axis line { stroke: var(--ink); opacity: .5; stroke-width: 1 }
"""


def whole(rows: tuple[Row, ...]) -> float:
    """The length of the axis in seconds; never 0."""
    return max((row.began + row.seconds for row in rows), default=0.0) or 1.0


def span(row: Row, rows: tuple[Row, ...]) -> str:
    """A phase's bar among all of `rows`, its hooks below it in their order, and where the snapshot cuts the life."""
    scale = 100 / whole(rows)
    height = BAR + (HOOKS if row.hooks else 0)
    drawn = [
        f'<rect x="{row.began * scale:.3f}%" width="{row.seconds * scale:.3f}%" height="{BAR}" class="{row.paid}"/>',
        _mark(row, scale),
    ]
    at = row.began
    for number, hook in enumerate(row.hooks):
        odd = " odd" if number % 2 else ""
        drawn.append(
            f'<rect x="{at * scale:.3f}%" y="{BAR + 1}" width="{hook.seconds * scale:.3f}%" height="{HOOKS - 1}" class="hook{odd}"/>'
        )
        at += hook.seconds
    drawn += [
        f'<line x1="{one.began * scale:.3f}%" x2="{one.began * scale:.3f}%" y1="0" y2="{height}" class="cut"/>'
        for one in rows
        if one.kind == SNAPSHOT
    ]
    said = escape(f"{row.title}: {duration(row.seconds)}, after {duration(row.began)}")
    return f'<svg class="span" height="{height}" role="img" aria-label="{said}"><title>{said}</title>{"".join(drawn)}</svg>'


def _mark(row: Row, scale: float) -> str:
    """The bar's beginning, kept within the drawing where that is its very end."""
    place = min(max(row.began * scale, 0.2), 99.7)
    return f'<line x1="{place:.3f}%" x2="{place:.3f}%" y1="0" y2="{BAR}" class="{row.paid}"/>'


def axis(rows: tuple[Row, ...]) -> str:
    """The seconds below the bars."""
    scale, step = 100 / whole(rows), _step(whole(rows))
    drawn = []
    for number in count():
        at = number * step * scale
        if at > LAST_TICK:
            break
        words = f"{number * step:g}{' s' if number == 0 else ''}"
        drawn.append(f'<line x1="{at:.3f}%" x2="{at:.3f}%" y1="0" y2="6"/><text x="{at:.3f}%" dx="3" y="17">{words}</text>')
    return f'<svg class="axis" height="{AXIS}" aria-hidden="true">{"".join(drawn)}</svg>'


def _step(seconds: float) -> float:
    """The widest round step that gives at least three ticks."""
    step = 1.0
    while step * FEWEST_TICKS > seconds:
        step /= 10
    while step * 10 * FEWEST_TICKS <= seconds:
        step *= 10
    return next(step * factor for factor in (5, 2, 1) if step * factor * FEWEST_TICKS <= seconds)
