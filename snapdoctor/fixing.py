"""Apply fixes: over passes, each proved by parsing and linting the result, and written whole or not at all."""

from __future__ import annotations

import ast
import difflib
import os
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from snapdoctor import atomic
from snapdoctor.finding import Edit, Finding, Fix, Severity
from snapdoctor.linting import UNPARSABLE, lint_file
from snapdoctor.text import SourceText, decoded, line_starts

# Each pass applies at least one fix, and a file with more chained ones than this is better looked at by its author.
MOST_PASSES = 25


class Applied(NamedTuple):
    """A fix that was made."""

    rule: str
    title: str
    line: int
    """Where the finding stood when it was fixed."""


class Outcome(NamedTuple):
    """One file before and after its fixes."""

    path: Path
    before: bytes
    after: bytes
    applied: tuple[Applied, ...]
    left: tuple[Finding, ...]
    """Findings of the text after the fixes."""
    is_app: bool
    read: tuple[str, ...]
    """Every file the reading depended on."""


class ChangedMeanwhile(Exception):
    """The file on disk is no longer the one that was read."""


def fixed(path: Path, codes: frozenset[str], source: bytes, unsafe: bool) -> Outcome:
    """What the fixes make of a file; nothing is written. Fixes that touch another file are left to that file's own turn."""
    result = lint_file(path, codes, source)
    read = decoded(source)
    applied: list[Applied] = []
    refused: set[Fix] = set()
    findings, text = result.findings, read.text if read is not None else ""
    for _ in range(MOST_PASSES):
        wanted = _chosen(findings, str(path), unsafe, refused) if read is not None else []
        if read is None or not wanted:
            break
        kept = _proved(path, codes, read, text, findings, wanted)
        if kept is None:
            for one in wanted:
                kept = _proved(path, codes, read, text, findings, [one])
                if kept is not None:
                    wanted = [one]
                    break
                refused.add(_fix(one))
        if kept is None:
            continue
        text, findings = kept
        applied += [Applied(one.rule, _fix(one).title, one.place.line) for one in wanted]
    after = read.encoded(text) if read is not None and applied else source
    return Outcome(path, source, after, tuple(applied), findings, result.is_app, result.read)


def _fix(finding: Finding) -> Fix:
    if finding.fix is None:
        raise ValueError(finding)
    return finding.fix


def _chosen(findings: tuple[Finding, ...], path: str, unsafe: bool, refused: set[Fix]) -> list[Finding]:
    """Fixable findings whose edits do not touch each other; those left over come in the next pass. Equal edits are one."""
    chosen: list[Finding] = []
    taken: list[tuple[int, int]] = []
    seen: set[object] = set()
    for finding in findings:
        fix = finding.fix
        if fix is None or fix in refused or (fix.safety != "safe" and not unsafe) or any(edit.path != path for edit in fix.edits):
            continue
        spans = [(edit.start, edit.end) for edit in fix.edits]
        if fix.edits in seen:
            chosen.append(finding)
        elif not any(start <= other_end and other_start <= end for start, end in spans for other_start, other_end in taken):
            chosen.append(finding)
            taken += spans
            seen.add(fix.edits)
    return chosen


def _proved(
    path: Path, codes: frozenset[str], read: SourceText, text: str, findings: tuple[Finding, ...], wanted: list[Finding]
) -> tuple[str, tuple[Finding, ...]] | None:
    """The text with these fixes and its findings, if it parses, each rule has as many findings fewer as were fixed, and no error is new."""
    made = _edited(text, [edit for finding in wanted for edit in _fix(finding).edits])
    try:
        source = read.encoded(made)
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    after = lint_file(path, codes, source).findings
    if any(finding.rule == UNPARSABLE for finding in after) or _errors(after) > _errors(findings):
        return None
    for rule in {finding.rule for finding in wanted}:
        expected = _count(findings, rule) - _count(wanted, rule)
        if _count(after, rule) > expected:
            return None
    return made, after


def _edited(text: str, edits: list[Edit]) -> str:
    """The text with every edit made once; those at one place in the order in which they were given."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end)):
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join(pieces) + text[position:]


def _errors(findings: tuple[Finding, ...]) -> int:
    return sum(1 for finding in findings if finding.severity is Severity.ERROR)


def _count(findings: list[Finding] | tuple[Finding, ...], rule: str) -> int:
    return sum(1 for finding in findings if finding.rule == rule)


def difference(outcome: Outcome) -> str:
    """The change as a unified diff; empty when there is none."""
    before, after = decoded(outcome.before), decoded(outcome.after)
    if before is None or after is None or outcome.before == outcome.after:
        return ""
    name = outcome.path.as_posix().lstrip("/")
    lines = difflib.unified_diff(_lines(before.text), _lines(after.text), f"a/{name}", f"b/{name}", n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    starts = [*line_starts(text), len(text)]
    return [text[start:end] for start, end in pairwise(starts) if start != end]


def write(outcome: Outcome) -> None:
    """Put the new text in the file's place in one step; raises `ChangedMeanwhile` or `OSError`, and the old file is whole then."""
    if outcome.before == outcome.after:
        return
    place = Path(os.path.realpath(outcome.path))
    if place.read_bytes() != outcome.before:
        raise ChangedMeanwhile(f"{outcome.path}: it was changed while snapdoctor worked on it; nothing was written, run it again")
    atomic.replace(place, outcome.after, os.stat(place).st_mode & 0o7777)
