"""Where a tree node stands in its file's text, as offsets that edits can use."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.text import NEWLINE, decoded, line_starts

if TYPE_CHECKING:
    import libcst as cst

    from snapdoctor.app.module import SourceModule


class Span(NamedTuple):
    """Code points `start` to `end` of a file's text, from 0, a byte order mark not counted."""

    start: int
    end: int


class Text:
    """A module's text with the starts of its lines."""

    def __init__(self, module: SourceModule) -> None:
        self.module = module
        read = decoded(module.source)
        self.text = read.text if read is not None else module.tree.code
        self.starts = line_starts(self.text)
        found = NEWLINE.search(self.text)
        self.newline = found[0] if found is not None else "\n"

    def span(self, node: cst.CSTNode) -> Span:
        """The node itself, without parentheses around it."""
        line, column, end_line, end_column = self.module.position(node)
        return Span(self.starts[line - 1] + column - 1, self.starts[end_line - 1] + end_column - 1)

    def whole(self, node: cst.BaseExpression) -> Span:
        """The node with the parentheses around it."""
        start, end = self.span(node)
        for _ in node.lpar:
            start = self.text.rindex("(", 0, start)
        for _ in node.rpar:
            end = self.text.index(")", end) + 1
        return Span(start, end)

    def line_start(self, offset: int) -> int:
        """Where the line of this offset begins."""
        return self.starts[bisect_right(self.starts, offset) - 1]

    def indent(self, offset: int) -> str:
        """The white space at the beginning of the line of this offset."""
        start = self.line_start(offset)
        found = re.match(r"[ \t]*", self.text[start:])
        return found[0] if found is not None else ""

    def begins_line(self, offset: int) -> bool:
        """Whether only white space stands before it in its line."""
        return not self.text[self.line_start(offset) : offset].strip()

    def code(self, node: cst.BaseExpression) -> str:
        """The node's own source."""
        start, end = self.whole(node)
        return self.text[start:end]
