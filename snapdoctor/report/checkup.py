"""A checkup for a person: each hazard once, with everything that speaks for and against it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from snapdoctor.evidence import CONFIRMED, OPEN, REFUTED
from snapdoctor.finding import Severity
from snapdoctor.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.evidence import Entry
    from snapdoctor.finding import Finding

WIDTH = 100
MOST_PLACES = 4
WORDS = {CONFIRMED: "confirmed", OPEN: "open", REFUTED: "refuted"}


def page(entries: tuple[Entry, ...], asked: str, colour: bool) -> str:
    """A block for each entry and a last line; `asked` says what was looked at."""
    style = Style(colour)
    blocks = ["\n".join(_block(entry, style)) for entry in entries]
    return "\n\n".join([*blocks, summary(entries, asked)])


def _block(entry: Entry, style: Style) -> Iterator[str]:
    label = entry.severity.label
    status = f"{WORDS[entry.status]}: "
    if entry.status == REFUTED:
        yield style.paint(f"{status}{entry.rule} {entry.name}", "dim")
    else:
        yield f"{style.paint(status + label, label)} {style.paint(f'{entry.rule} {entry.name}', 'bold')}"
    for kind, findings in (("log", entry.log), ("container", entry.container), ("source", entry.source)):
        for finding in findings[:MOST_PLACES]:
            yield f"  {style.paint('-->', 'blue')} {kind}: {place(finding)}"
        if len(findings) > MOST_PLACES:
            yield f"      and {len(findings) - MOST_PLACES} more in the {kind}"
    if entry.status == REFUTED:
        yield from _wrapped("  = ", entry.reason, style, "dim")
        return
    first = entry.findings[0]
    yield from _wrapped("  = ", f"{first.message} {entry.reason}", style, "blue")
    yield from _wrapped("  > ", first.help, style, "green")


def place(finding: Finding) -> str:
    """Where a finding is, in a few words."""
    if finding.location is not None:
        return f"{finding.location.path}:{finding.location.line}" + (f" ({finding.deployment})" if finding.deployment else "")
    if finding.process is None:
        return finding.rule
    subject = f", {finding.process.subject}" if finding.process.subject else ""
    command = " ".join(finding.process.command.split())
    return f"pid {finding.process.pid}: {command if len(command) <= 60 else command[:57] + '...'}{subject}"


def _wrapped(mark: str, text: str, style: Style, kind: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(text, WIDTH - len(mark), break_long_words=False, break_on_hyphens=False)):
        yield f"{style.paint(mark, kind) if number == 0 else ' ' * len(mark)}{line}"


def summary(entries: tuple[Entry, ...], asked: str) -> str:
    """One line: how many hazards stand, how many do not."""
    counts = [(WORDS[status], sum(1 for entry in entries if entry.status == status)) for status in (CONFIRMED, OPEN, REFUTED)]
    told = ", ".join(f"{count} {word}" for word, count in counts if count)
    worst = max((entry.severity for entry in entries if entry.status == CONFIRMED), default=None)
    advice = " Begin with what is confirmed." if worst is not None and worst >= Severity.WARNING else ""
    return f"{told} in {asked}.{advice} `snapdoctor explain CODE` tells more." if told else f"No hazard in {asked}."
