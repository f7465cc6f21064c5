"""A rehearsal as one self-contained page: the measured life drawn beside the predicted one, the checkpoint, answers, findings, verdict."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from snapdoctor.container.questions import size
from snapdoctor.rehearsal import model
from snapdoctor.report import html, life_svg, probe_html
from snapdoctor.report.life import EACH, FAILED, LATER, ONCE, PHASE, SNAPSHOT, duration, rows
from snapdoctor.report.probe import machine
from snapdoctor.report.rehearsal import checkpoint_lines, held, not_as_on_modal, title, verdict
from snapdoctor.report.report import from_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Checkpoint, Rehearsal, Saved
    from snapdoctor.report.life import Row
    from snapdoctor.report.report import Report

LONGEST_OUTPUT = 4000
STYLE = f"""{life_svg.STYLE}
figure {{ margin: 1.2rem 0 }} .life {{ display: grid; grid-template-columns: max-content max-content minmax(14rem, 6fr) minmax(8rem, 5fr); gap: .1rem .9rem; align-items: start }}
.life > div {{ display: contents }} .life strong {{ white-space: nowrap }} .life .took {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }} .life svg.span {{ margin-top: .3rem }}
.life .says {{ font-size: .88rem; overflow-wrap: anywhere; min-width: 0 }} .life .says span {{ display: block; opacity: .75 }} .life .snapshot {{ display: block; grid-column: 1 / -1; background: var(--advice); color: var(--paper); font-weight: 600;
text-align: center; border-radius: .25rem; padding: .1rem .6rem; margin: .35rem 0; overflow-wrap: anywhere }} .life .unreached {{ display: block; grid-column: 1 / -1; border-top: 2px dashed var(--advice); margin: .5rem 0; padding-top: .1rem; text-align: center; opacity: .8 }}
.life svg.axis {{ grid-column: 3 }} figcaption {{ display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin-bottom: .6rem; font-size: .92rem }} figcaption i {{ display: inline-block; width: .8rem; height: .6rem; border-radius: .15rem; margin-right: .35rem }}
i.once {{ background: var(--advice) }} i.each {{ background: var(--help) }} i.later {{ background: var(--ink); opacity: .45 }} .bad {{ color: var(--error) }} i.failed {{ background: var(--error) }} .told th, .told td {{ overflow-wrap: normal }} .told code {{ overflow-wrap: anywhere }} .told th.number {{ text-align: right }} .answers td:last-child {{ width: 100% }} summary {{ cursor: pointer }}
details pre {{ white-space: pre-wrap; overflow-wrap: anywhere }} dl.facts {{ display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0 }} dl.facts dt {{ opacity: .75 }} dl.facts dd {{ margin: 0 }}
@media (max-width: 46rem) {{ .life {{ grid-template-columns: 1fr max-content; gap: .1rem .6rem }} .life svg.span, .life .says, .life svg.axis {{ grid-column: 1 / -1 }} .life .says {{ margin-bottom: .45rem }} .life strong {{ white-space: normal }} }}
@media print {{ .life .snapshot {{ background: none; color: var(--ink); border: 1px solid var(--ink) }} }}
"""
PAID = {
    ONCE: "paid once, by the container that makes the snapshot",
    EACH: "paid by every restored container",
    LATER: "after the first answer",
    FAILED: "where it failed",
}
WITHOUT = {**PAID, EACH: "paid by every container"}


def render(report: Report) -> str:
    """The page; raises `ValueError` for a report of something else."""
    if report.rehearsed is None:
        raise ValueError("a rehearsal's page needs the life that it shows")
    return html.document("snapdoctor rehearse", "\n".join(_body(report, report.rehearsed.rehearsal)), f"{probe_html.STYLE}{STYLE}")


def _body(report: Report, rehearsal: Rehearsal) -> Iterator[str]:
    line = verdict(rehearsal, report.findings)
    yield f'<header><h1>snapdoctor rehearse</h1>\n<p class="verdict">{escape(line)}</p>\n{"".join(_heading(rehearsal))}</header>\n<main>'
    if rehearsal.kind != model.IN_PLACE:
        yield from _life(report, rehearsal)
    elif rehearsal.state is not None:
        yield from probe_html.tree(rehearsal.state, report.findings)
    yield from _failure(rehearsal)
    if rehearsal.checkpoint is not None:
        yield from _checkpoint(rehearsal.checkpoint)
    if rehearsal.saved is not None:
        yield from _saved(rehearsal.saved)
    yield from _answers(rehearsal)
    if report.findings:
        yield "<section><h2>Findings</h2>"
        for finding in report.findings:
            in_process = finding.process is not None
            yield from probe_html.article(finding) if in_process else html.article(report, finding, from_root(finding.place.path))
        yield "</section>"
    notes = [*not_as_on_modal(rehearsal)]
    if notes:
        yield f"<section><h2>Notes</h2>\n<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul></section>"
    if not rehearsal.was_answered and rehearsal.output.strip():
        end = escape(rehearsal.output[-LONGEST_OUTPUT:].strip())
        yield f"<section><h2>Output</h2>\n<details><summary>The end of what the container printed</summary><pre>{end}</pre></details></section>"
    yield "</main>"


def _heading(rehearsal: Rehearsal) -> Iterator[str]:
    if rehearsal.kind == model.IN_PLACE:
        if rehearsal.state is not None:
            yield from (f"<p>{escape(line)}</p>" for line in machine(rehearsal.state))
        return
    name, asks = title(rehearsal)
    limits = f"startup_timeout {rehearsal.startup_timeout} s, timeout {rehearsal.timeout} s"
    yield f"<p><strong>{escape(name)}</strong> {escape(f'({rehearsal.kind})')} {escape(asks)}</p>\n<p><small>{escape(rehearsal.target)}; {limits}</small></p>"


def _life(report: Report, rehearsal: Rehearsal) -> Iterator[str]:
    assert report.rehearsed is not None
    lived = rows(rehearsal, report.rehearsed.predicted)
    yield f"<section><h2>The life, measured and predicted</h2>\n<figure><figcaption>{_legend(rehearsal, lived)}</figcaption>"
    yield '<div class="life">'
    for row in lived:
        yield _row(row, lived, rehearsal)
    yield f"<div>{life_svg.axis(lived)}</div>\n</div></figure></section>"


def _legend(rehearsal: Rehearsal, lived: tuple[Row, ...]) -> str:
    words = WITHOUT if rehearsal.snapshot == "none" else PAID
    sums = {paid: sum(row.seconds for row in lived if row.paid == paid) for paid in words if any(row.paid == paid for row in lived)}
    return " ".join(f'<span><i class="{paid}"></i>{words[paid]}: {escape(duration(sums[paid]))}</span>' for paid in sums)


def _row(row: Row, lived: tuple[Row, ...], rehearsal: Rehearsal) -> str:
    if row.kind == SNAPSHOT:
        return f'<div class="snapshot">snapshot{escape(held(rehearsal))}</div>'
    if row.kind != PHASE:
        return '<div class="unreached">the snapshot: it was not reached</div>'
    says = [f"predicted: {escape('; '.join(row.predicted))}"] if row.predicted else []
    if row.hooks:
        says.append(f"<span>{escape('hooks: ' + ', '.join(f'{hook.name} {duration(hook.seconds)}' for hook in row.hooks))}</span>")
    if row.imports:
        says.append(f"<span>{escape('imports: ' + ', '.join(f'{one.name} {duration(one.seconds)}' for one in row.imports))}</span>")
    return (
        f'<div class="{row.paid}"><strong>{escape(row.title)}</strong><span class="took">{escape(duration(row.seconds))}</span>'
        f'{life_svg.span(row, lived)}<div class="says">{"".join(says)}</div></div>'
    )


def _failure(rehearsal: Rehearsal) -> Iterator[str]:
    failure = rehearsal.failure
    if failure is None:
        return
    trace = f"<pre>{escape(failure.traceback)}</pre>" if failure.traceback else ""
    yield f'<section><h2>Failure</h2>\n<article class="error"><h3><b>failed in {escape(failure.phase)}</b></h3>\n<p>{escape(failure.what)}</p>{trace}</article></section>'


def _checkpoint(checkpoint: Checkpoint) -> Iterator[str]:
    yield "<section><h2>CUDA checkpoint</h2>"
    if checkpoint.skipped:
        yield f"<p>{escape(next(checkpoint_lines(checkpoint)))}</p></section>"
        return
    facts = [("driver", checkpoint.driver), ("out, back", f"{duration(checkpoint.suspend_seconds)}, {duration(checkpoint.resume_seconds)}")]
    used = (checkpoint.used_before, checkpoint.used_suspended, checkpoint.used_after)
    if any(one is not None for one in used):
        facts.append(("GPU memory in use", " → ".join("?" if one is None else size(one) for one in used)))
    yield _facts(facts)
    yield '<table class="told"><tr><th>process</th><th>outcome</th><th class="number">time</th><th class="number">host memory gained</th></tr>'
    for one in checkpoint.processes:
        outcome = f'<span class="bad">{escape(one.error)} at its {escape(one.step)}</span>' if one.error else "suspended and brought back"
        gained = size(max(one.memory, 0)) if one.memory is not None else ""
        yield (
            f'<tr><td>{one.pid} <code>{escape(one.command)}</code></td><td>{outcome}</td><td class="number">{escape(duration(one.seconds))}</td>'
            f'<td class="number">{gained}</td></tr>'
        )
    yield "</table></section>"


def _saved(saved: Saved) -> Iterator[str]:
    facts = [
        ("engine", f"{saved.engine} {saved.version}"),
        ("save, restore", f"{duration(saved.save_seconds)}, {duration(saved.restore_seconds)}"),
    ]
    if saved.image is not None:
        facts.append(("image on disk", size(saved.image)))
    yield f"<section><h2>Saved and restored</h2>\n{_facts(facts)}"
    if saved.failed:
        yield f'<article class="error"><h3><b>its {escape(saved.failed)} failed</b></h3>\n<pre>{escape(saved.error)}</pre></article>'
    yield "</section>"


def _facts(facts: list[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)}</dl>'


def _answers(rehearsal: Rehearsal) -> Iterator[str]:
    if not rehearsal.answers:
        return
    yield '<section><h2>Answers</h2>\n<table class="told answers"><tr><th>request</th><th class="number">time</th><th>answer</th></tr>'
    for number, answer in enumerate(rehearsal.answers, 1):
        failed = "" if answer.good else '<span class="bad">failed:</span> '
        trace = f"<pre>{escape(answer.traceback)}</pre>" if answer.traceback else ""
        yield f'<tr><td>{number}</td><td class="number">{escape(duration(answer.seconds))}</td><td>{failed}<code>{escape(answer.text)}</code>{trace}</td></tr>'
    yield "</table></section>"
