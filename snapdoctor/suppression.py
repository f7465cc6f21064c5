"""`# snapdoctor: ignore[SNAP301] reason`, on the finding's line or on a line of its own above it."""

from __future__ import annotations

import io
import re
import tokenize
from typing import NamedTuple

from snapdoctor import catalog
from snapdoctor.finding import Confidence, Edit, Finding, Fix, Location

MARK = b"snapdoctor:"
UNUSED = "SNAP902"
# A finding that spans many lines is suppressed by a comment in its first ones.
FIRST_LINES = 40
COMMENT = re.compile(r"#\s*snapdoctor:\s*(.*)$")
DIRECTIVE = re.compile(r"ignore\[([^\]]*)\]\s*(?:--\s*)?(.*)$")


class Suppression(NamedTuple):
    """One directive; `error` says why it cannot be followed."""

    line: int
    """Where the comment stands, from 1."""
    column: int
    covers: int
    """The line it speaks of: its own, or the next line of code when it stands alone."""
    rules: tuple[str, ...]
    reason: str
    error: str | None = None
    length: int = 0
    """Of the comment, in code points."""
    alone: bool = False
    """Nothing else stands in its line."""


def suppressions(source: bytes) -> list[Suppression]:
    """Every directive of a file; comments only, never strings that look like one."""
    if MARK not in source:
        return []
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return []
    code_lines = sorted({token.start[0] for token in tokens if token.type not in _QUIET})
    found = []
    for token in tokens:
        match = COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match is not None:
            found.append(_directive(match[1].strip(), token, code_lines))
    return found


_QUIET = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)


def _directive(text: str, token: tokenize.TokenInfo, code_lines: list[int]) -> Suppression:
    line, column = token.start[0], token.start[1] + 1
    alone = not token.line[: token.start[1]].strip()
    covers = next((other for other in code_lines if other > line), line) if alone else line
    made = Suppression(line, column, covers, (), "", None, len(token.string), alone)
    match = DIRECTIVE.match(text)
    if match is None:
        return made._replace(error="write `# snapdoctor: ignore[SNAP301] reason`: the rules go in square brackets")
    rules = tuple(word.strip() for word in match[1].split(",") if word.strip())
    if not rules:
        return made._replace(reason=match[2], error="the brackets name no rule; write the codes or names to ignore here")
    return made._replace(rules=rules, reason=match[2].strip())


def unsuppressed(findings: list[Finding], read: dict[str, bytes], codes: frozenset[str], linted: str) -> list[Finding]:
    """Findings that no comment suppresses, and what is wrong with the comments.

    `read`: every file that was read, by path. A comment that cannot be followed is reported wherever it stands; one that has nothing left to
    suppress only in the linted file, since another app may need it.
    """
    kept = findings
    told: list[Finding] = []
    for path, source in read.items():
        for suppression in suppressions(source) if path.endswith(".py") else ():
            wanted, unknown = _resolved(suppression.rules)
            problem = suppression.error or unknown
            if problem:
                told.append(_finding(path, suppression, problem, None))
                continue
            after = [finding for finding in kept if not _covers(path, suppression.covers, wanted, finding)]
            used = {finding.rule for finding in kept if finding not in after}
            kept = after
            stale = (wanted & codes) - used
            if stale and path == linted:
                problem = f"nothing is left to ignore here for {', '.join(sorted(stale))}; remove it"
                told.append(_finding(path, suppression, problem, _removal(path, source, suppression, stale)))
    return [*kept, *told] if UNUSED in codes else kept


def _covers(path: str, line: int, codes: frozenset[str], finding: Finding) -> bool:
    place = finding.place
    inside = place.line <= line <= min(place.end_line, place.line + FIRST_LINES)
    return finding.rule in codes and place.path == path and (place.line == line or inside)


def _resolved(words: tuple[str, ...]) -> tuple[frozenset[str], str]:
    try:
        return catalog.selected(words), ""
    except catalog.CatalogError as error:
        return frozenset(), str(error)


def _finding(path: str, suppression: Suppression, problem: str, fix: Fix | None) -> Finding:
    rule = catalog.find(UNUSED).rule
    line, column = suppression.line, suppression.column
    return Finding(
        rule.code,
        rule.name,
        rule.severity,
        Confidence.CERTAIN,
        f"This suppression does nothing: {problem}.",
        "Correct or delete the comment.",
        rule.evidence,
        Location(path, line, column, line, column + suppression.length),
        fix=fix,
    )


def _removal(path: str, source: bytes, suppression: Suppression, stale: frozenset[str]) -> Fix | None:
    """The comment without the words that suppress nothing, or no comment at all."""
    from snapdoctor.text import decoded, line_starts

    text = decoded(source)
    if text is None:
        return None
    starts = line_starts(text.text)
    start = starts[suppression.line - 1] + suppression.column - 1
    end = start + suppression.length
    left = [word for word in suppression.rules if _resolved((word,))[0] - stale]
    if left:
        reason = f" {suppression.reason}" if suppression.reason else ""
        return Fix(
            "Drop the codes that suppress nothing", "safe", (Edit(path, start, end, f"# snapdoctor: ignore[{', '.join(left)}]{reason}"),)
        )
    if suppression.alone:
        start, end = starts[suppression.line - 1], starts[suppression.line] if suppression.line < len(starts) else len(text.text)
    else:
        start = len(text.text[:start].rstrip(" \t"))
    return Fix("Remove the comment", "safe", (Edit(path, start, end, ""),))
