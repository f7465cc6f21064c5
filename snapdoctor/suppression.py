"""`# snapdoctor: ignore[SNAP301] reason`, on the finding's line or on a line of its own above it."""

from __future__ import annotations

import io
import re
import tokenize
from typing import NamedTuple

MARK = b"snapdoctor:"
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
    match = DIRECTIVE.match(text)
    if match is None:
        return Suppression(line, column, covers, (), "", "write `# snapdoctor: ignore[SNAP301] reason`: the rules go in square brackets")
    rules = tuple(word.strip() for word in match[1].split(",") if word.strip())
    if not rules:
        return Suppression(line, column, covers, (), match[2], "the brackets name no rule; write the codes or names to ignore here")
    return Suppression(line, column, covers, rules, match[2].strip())
