"""What a probe saw as one self-contained page: the tree with bars for memory, the findings, the conditions of a restore."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from snapdoctor.container.conditions import conditions, is_data, weight
from snapdoctor.container.questions import size
from snapdoctor.finding import Confidence
from snapdoctor.report.html import document
from snapdoctor.report.probe import machine, verdict
from snapdoctor.report.tree import branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding
    from snapdoctor.report.report import Report
    from snapdoctor.report.tree import Branch

LONGEST_COMMAND = 300
STYLE = """
ul.tree, ul.tree ul { list-style: none; margin: 0; padding-left: 1.3rem; border-left: 1px solid var(--line) } ul.tree { border: 0; padding-left: 0 }
ul.tree li { padding: .25rem 0 .25rem .6rem; overflow-wrap: anywhere } ul.tree ul li::before { content: ""; float: left; width: .6rem; margin: .75rem 0 0 -.6rem; border-top: 1px solid var(--line) }
.process { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline } .process code { opacity: .7 } .held { margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums }
.bar { display: block; height: .4rem; border-radius: .2rem; background: var(--soft); overflow: hidden; margin: .15rem 0 } .bar i { display: block; height: 100%; float: left }
.bar .host { background: var(--advice) } .bar .gpu { background: var(--help) } .detail { opacity: .8; font-size: .9rem }
article pre { white-space: pre-wrap; overflow-wrap: anywhere } .mark { font-weight: 700; white-space: nowrap } .mark.error { color: var(--error) } .mark.warning { color: var(--warning) } .mark.advice { color: var(--advice) }
table { border-collapse: collapse; width: 100%; font-size: .92rem } td, th { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top }
td.number { white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums } .verdict { font-size: 1.1rem; font-weight: 600 } .legend i { display: inline-block; width: .8rem; height: .6rem; border-radius: .15rem }
.legend .host { background: var(--advice) } .legend .gpu { background: var(--help) }
"""


def render(report: Report) -> str:
    """The page."""
    state = report.state
    if state is None:
        raise ValueError("a probe's page needs the state that it shows")
    return document("snapdoctor probe", "\n".join(_body(state, report.findings)), STYLE)


def _body(state: ContainerState, findings: tuple[Finding, ...]) -> Iterator[str]:
    yield f'<header><h1>snapdoctor probe</h1>\n<p class="verdict">{escape(verdict(state, findings))}</p>'
    for line in machine(state):
        yield f"<p>{escape(line)}</p>"
    yield f"<p><small>{escape(state.taken)}</small></p></header>\n<main>"
    yield from tree(state, findings)
    if findings:
        yield "<section><h2>Findings</h2>"
        for finding in findings:
            yield from article(finding)
        yield "</section>"
    yield from _conditions(state)
    if state.gaps:
        yield "<section><h2>Not seen</h2>\n<ul>"
        for gap in state.gaps:
            of = f" of process {gap.pid}" if gap.pid is not None else ""
            yield f"<li>{escape(gap.subject)}{of}: {escape(gap.why)}</li>"
        yield "</ul></section>"
    yield "</main>"


def tree(state: ContainerState, findings: tuple[Finding, ...]) -> Iterator[str]:
    """The process tree with a bar for what each holds, offenders marked."""
    roots = branches(state, findings)
    most = max((_memory(branch) for root in roots for branch in _all(root)), default=1)
    yield '<section><h2>Processes</h2>\n<p class="legend"><small><i class="host"></i> host memory <i class="gpu"></i> GPU memory</small></p>'
    yield '<ul class="tree">'
    for root in roots:
        yield from _branch(root, max(most, 1))
    yield "</ul></section>"


def _all(branch: Branch) -> Iterator[Branch]:
    yield branch
    for child in branch.children:
        yield from _all(child)


def _host(branch: Branch) -> int:
    return sum(process.resident or 0 for process in branch.processes)


def _gpu(branch: Branch) -> int:
    return sum(process.cuda.memory or 0 for process in branch.processes if process.cuda is not None)


def _memory(branch: Branch) -> int:
    return _host(branch) + _gpu(branch)


def _branch(branch: Branch, most: int) -> Iterator[str]:
    pids = str(branch.processes[0].pid) if len(branch.processes) == 1 else f"{branch.processes[0].pid}..{branch.processes[-1].pid}"
    marks = " ".join(f'<span class="mark {mark.severity.label}">{escape(mark.text)}</span>' for mark in branch.marks)
    command = " ".join(branch.processes[0].command)
    yield (
        f'<li><div class="process" title="{escape(command[:400])}"><strong>{escape(branch.title)}</strong> <code>{pids}</code> {marks}'
        f'<span class="held">{escape(branch.holds)}</span></div>'
    )
    host, gpu = 100 * _host(branch) / most, 100 * _gpu(branch) / most
    yield f'<span class="bar" aria-hidden="true"><i class="host" style="width: {host:.1f}%"></i><i class="gpu" style="width: {gpu:.1f}%"></i></span>'
    for detail in branch.details:
        yield f'<div class="detail">{escape(detail)}</div>'
    if branch.children:
        yield "<ul>"
        for child in branch.children:
            yield from _branch(child, most)
        yield "</ul>"
    yield "</li>"


def article(finding: Finding) -> Iterator[str]:
    """A finding at a process."""
    label = finding.severity.label
    likely = " (likely)" if finding.confidence is Confidence.LIKELY else ""
    place = finding.process
    where = f"pid {place.pid}" if place is not None else ""
    yield f'<article class="{label}">\n<h3><b>{label}</b>{likely} {escape(finding.rule)} {escape(finding.name)} <small>{where}</small></h3>'
    if place is not None:
        yield f"<pre>{escape(' '.join(place.command.split())[:LONGEST_COMMAND])}</pre>"
    yield f'<p>{escape(finding.message)}</p>\n<p class="help">{escape(finding.help)}</p>'
    evidence = "; ".join(f"{one.grade}: {one.text.rstrip('.')}" for one in finding.evidence)
    yield f"<p><small>Evidence: {escape(evidence)}</small></p>\n</article>"


def _conditions(state: ContainerState) -> Iterator[str]:
    found = conditions(state)
    data = [one for one in found if is_data(one)]
    held = weight(state)
    programs = f"{len(found) - len(data)} programs and libraries, which change only with the image"
    yield f"<section><h2>What a restore needs</h2>\n<p>An image of about {size(held.image)}, and in place, unchanged:</p>"
    if data:
        yield "<table><tr><th>file</th><th>held</th><th>size</th><th>lies on</th></tr>"
        for one in sorted(data, key=lambda one: (not one.volatile, -(one.file.size or 0))):
            lies = f"{one.file.mount}, which can change" if one.volatile else "the container's root"
            held_as = "mapped" if one.mapped else "folder" if one.folder else "open"
            yield f'<tr><td>{escape(one.file.path)}</td><td>{held_as}</td><td class="number">{size(one.file.size or 0)}</td><td>{escape(lies)}</td></tr>'
        yield "</table>"
    yield f"<p><small>{programs}</small></p></section>"
