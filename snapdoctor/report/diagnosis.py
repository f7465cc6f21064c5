"""A diagnosis for a person: the likely cause first, with the lines that show it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import catalog
from snapdoctor.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snapdoctor.finding import Finding
    from snapdoctor.logs.diagnosis import Diagnosis, Told

WIDTH = 100
LONGEST_QUOTE = 400


class Diagnosed(NamedTuple):
    """A log's diagnosis, and what else a person wants to see of it."""

    diagnosis: Diagnosis
    path: str
    source: Mapping[str, list[Finding]]
    """Findings of the app by rule."""


def page(diagnosed: Diagnosed, colour: bool) -> str:
    """A block for each known failure."""
    style, diagnosis = Style(colour), diagnosed.diagnosis
    blocks = ["\n".join(_block(one, diagnosed.path, diagnosed.source.get(one.rule, []), style)) for one in diagnosis.told]
    return "\n\n".join([*blocks, _last(diagnosis)])


def _block(told: Told, path: str, source: list[Finding], style: Style) -> Iterator[str]:
    rule = catalog.find(told.rule).rule
    severity = told.signature.severity if told.signature.severity is not None else rule.severity
    likely = style.paint(" (likely)", "dim") if told.signature.after else ""
    yield f"{style.paint(severity.label, severity.label)}{likely} {style.paint(f'{rule.code} {rule.name}', 'bold')}"
    for match in told.lines:
        text = match.text if len(match.text) <= LONGEST_QUOTE else match.text[:LONGEST_QUOTE] + " ..."
        yield f"  {style.paint('-->', 'blue')} {path}:{match.line}: {text.strip()}"
    if told.times > len(told.lines):
        yield f"      and {told.times - len(told.lines)} more"
    yield from _wrapped("  = ", told.signature.message, style, "blue")
    yield from _wrapped("  > ", told.signature.help, style, "green")
    for finding in source:
        yield f"  {style.paint('in the app:', 'bold')} {finding.place.path}:{finding.place.line}: {finding.message}"


def _wrapped(mark: str, text: str, style: Style, kind: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(text, WIDTH - len(mark), break_long_words=False, break_on_hyphens=False)):
        yield f"{style.paint(mark, kind) if number == 0 else ' ' * len(mark)}{line}"


def _last(diagnosis: Diagnosis) -> str:
    if diagnosis.told:
        return f"{len(diagnosis.told)} known failure{'' if len(diagnosis.told) == 1 else 's'}, the likely cause first. `snapdoctor explain CODE` tells more."
    if diagnosis.traces:
        return "No known snapshot failure in this log. It holds a Python traceback that is about something else: read its last line."
    return "No known snapshot failure in this log."
