"""One self-contained page: nothing is fetched, it follows the reader's light or dark, and it prints."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from snapdoctor import __version__
from snapdoctor.finding import Confidence
from snapdoctor.report.report import from_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report

AROUND = 2
STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #fff; --soft: #f3f4f6; --line: #d5d9de; --error: #b42318; --warning: #9a5b00; --advice: #1d5fa8; --help: #1a6b3c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #15181c; --soft: #1e2329; --line: #363d46; --error: #ff8a80; --warning: #f2b84b; --advice: #82b7f5; --help: #7fd1a0 } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; font-family: ui-monospace, monospace; overflow-wrap: anywhere }
article { border: 1px solid var(--line); border-left-width: .4rem; border-radius: .4rem; padding: .7rem 1rem; margin: .8rem 0; break-inside: avoid }
article.error { border-left-color: var(--error) } article.warning { border-left-color: var(--warning) } article.advice { border-left-color: var(--advice) }
article h3 { font-size: 1rem; margin: 0 0 .4rem } .error b { color: var(--error) } .warning b { color: var(--warning) } .advice b { color: var(--advice) }
pre { background: var(--soft); overflow-x: auto; padding: .5rem; border-radius: .3rem; font: 13px/1.45 ui-monospace, monospace; margin: .4rem 0 }
pre mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; text-decoration-thickness: 2px }
pre span { opacity: .55; user-select: none } p { margin: .35rem 0; overflow-wrap: anywhere } .help { color: var(--help) } small { opacity: .75 } ul { margin: .3rem 0; padding-left: 1.2rem }
nav { margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .5rem 1.2rem }
@media print { body { max-width: none; padding: 0 } pre { white-space: pre-wrap } }
"""


def render(report: Report) -> str:
    """The page."""
    return document(f"snapdoctor {report.command}", "\n".join(_body(report)))


def document(title: str, body: str, style: str = "") -> str:
    """A page of ours: a title, what stands in it, and rules of style beyond the common ones."""
    head = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">'
    foot = f"<footer><small>snapdoctor {escape(__version__)}</small></footer>\n</body>\n</html>"
    return f"{head}\n<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n{body}\n{foot}\n"


def _body(report: Report) -> Iterator[str]:
    yield f"<header><h1>snapdoctor {escape(report.command)}</h1>\n<p>{escape(_counts(report))}</p></header>"
    by_path: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_path.setdefault(finding.place.path, []).append(finding)
    if len(by_path) > 1:
        yield "<nav>"
        for number, (path, found) in enumerate(by_path.items()):
            yield f'<a href="#file{number}">{escape(from_root(path))}</a> <small>{len(found)}</small>'
        yield "</nav>"
    yield "<main>"
    for number, (path, found) in enumerate(by_path.items()):
        yield f'<section><h2 id="file{number}">{escape(from_root(path))}</h2>'
        for finding in found:
            yield from article(report, finding)
        yield "</section>"
    yield "</main>"


def _counts(report: Report) -> str:
    if not report.findings:
        return f"No findings in {len(report.apps)} Modal apps."
    counted = [
        (label, sum(1 for finding in report.findings if finding.severity.label == label)) for label in ("error", "warning", "advice")
    ]
    told = ", ".join(f"{count} {label}{'s' if count > 1 and label != 'advice' else ''}" for label, count in counted if count)
    return f"{told} in {len(report.apps)} Modal app{'' if len(report.apps) == 1 else 's'}."


def article(report: Report, finding: Finding, path: str = "") -> Iterator[str]:
    """A finding at a place in a file, with its lines; `path` names the file where nothing around does."""
    label = finding.severity.label
    likely = " (likely)" if finding.confidence is Confidence.LIKELY else ""
    where = f"{f'{path}, ' if path else ''}line {finding.place.line}" + (f", {finding.deployment}" if finding.deployment else "")
    yield f'<article class="{label}">\n<h3><b>{label}</b>{likely} {escape(finding.rule)} {escape(finding.name)} <small>{escape(where)}</small></h3>'
    yield _frame(report, finding)
    yield f"<p>{escape(finding.message)}</p>"
    yield f'<p class="help">{escape(finding.help)}</p>'
    if finding.related:
        related = "".join(
            f"<li>{escape(from_root(one.location.path))}:{one.location.line}: {escape(one.message)}</li>" for one in finding.related
        )
        yield f"<ul>{related}</ul>"
    evidence = "; ".join(f"{one.grade}: {one.text.rstrip('.')}" for one in finding.evidence)
    yield f"<p><small>Evidence: {escape(evidence)}</small></p>\n</article>"


def _frame(report: Report, finding: Finding) -> str:
    place = finding.place
    lines = report.lines_of(place.path)
    if not 0 < place.line <= len(lines):
        return ""
    first, last = max(1, place.line - AROUND), min(len(lines), place.line + AROUND)
    width = len(str(last))
    rows = []
    for number in range(first, last + 1):
        text = lines[number - 1]
        shown = escape(text)
        if number == place.line:
            end = place.end_column - 1 if place.end_line == place.line else len(text)
            start = place.column - 1
            shown = f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}"
        rows.append(f"<span>{number:>{width}} | </span>{shown}")
    return f"<pre>{chr(10).join(rows)}</pre>"
