"""A checkup as one self-contained page: each deployment's life drawn, then every hazard with its evidence."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from snapdoctor.evidence import REFUTED
from snapdoctor.report.checkup import place, summary
from snapdoctor.report.html import document
from snapdoctor.report.timeline import hardware
from snapdoctor.report.timeline_svg import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.evidence import Entry
    from snapdoctor.gathering import Checkup

STYLE = """
svg.life { width: 100%; height: auto; font: 14px system-ui, sans-serif } svg.life text { fill: var(--ink) } svg.life .axis { stroke: var(--line); stroke-width: 2 }
svg.life .event { fill: var(--ink) } svg.life .maybe { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5 } svg.life text.where { text-anchor: end; opacity: .6; font-size: 12px }
svg.life text.phase { font-weight: 700 } svg.life rect.snapshot { fill: var(--advice) } svg.life text.snapshot { fill: var(--paper); text-anchor: middle; font-weight: 600 }
svg.life text.mark { font-size: 13px } svg.life .mark.error { fill: var(--error) } svg.life .mark.warning { fill: var(--warning) } svg.life .mark.advice { fill: var(--advice) }
.status { text-transform: uppercase; letter-spacing: .04em; font-size: .78rem; border: 1px solid currentColor; border-radius: .8rem; padding: 0 .5rem; margin-right: .4rem }
article.refuted { opacity: .7; border-left-color: var(--line) } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .4rem 0 } dt { opacity: .7 }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .85rem } figure { margin: 1rem 0; overflow-x: auto; break-inside: avoid } figcaption { font-weight: 600 }
@media print { svg.life rect.snapshot { fill: none; stroke: var(--ink) } svg.life text.snapshot { fill: var(--ink) } }
"""


def render(checkup: Checkup) -> str:
    """The page."""
    return document("snapdoctor checkup", "\n".join(_body(checkup)), STYLE)


def _body(checkup: Checkup) -> Iterator[str]:
    yield f"<header><h1>snapdoctor checkup</h1>\n<p>{escape(summary(checkup.entries, checkup.asked))}</p></header>\n<main>"
    for deployment in checkup.app.deployments if checkup.app is not None else ():
        own = [finding for finding in checkup.source if finding.deployment == deployment.name]
        yield f"<figure><figcaption>{escape(deployment.name)} <small>{escape(hardware(deployment))}</small></figcaption>\n{svg(deployment, own)}</figure>"
    for entry in checkup.entries:
        yield from _entry(entry)
    yield "</main>"


def _entry(entry: Entry) -> Iterator[str]:
    label = REFUTED if entry.status == REFUTED else entry.severity.label
    yield f'<article class="{label}">\n<h3><span class="status">{entry.status}</span><b>{entry.severity.label}</b> {escape(entry.rule)} {escape(entry.name)}</h3>\n<dl>'
    for kind, findings in (("log", entry.log), ("container", entry.container), ("source", entry.source)):
        for finding in findings:
            yield f"<dt>{kind}</dt><dd>{escape(place(finding))}</dd>"
    yield f"</dl>\n<p>{escape(entry.findings[0].message)} {escape(entry.reason)}</p>"
    if entry.status != REFUTED:
        yield f'<p class="help">{escape(entry.findings[0].help)}</p>'
    evidence = "; ".join(f"{one.grade}: {one.text.rstrip('.')}" for one in entry.findings[0].evidence)
    yield f"<p><small>Evidence: {escape(evidence)}</small></p>\n</article>"
