"""Source bytes as text and back, nothing lost: encoding, byte order mark and line ends stay as they are."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from typing import NamedTuple

# The line ends by which libcst and CPython count lines.
NEWLINE = re.compile(r"\r\n?|\n")


class SourceText(NamedTuple):
    """A file's text, and what turns it into bytes again."""

    text: str
    encoding: str
    mark: bytes
    """The byte order mark, or nothing."""

    def encoded(self, text: str) -> bytes:
        """Another text in this file's encoding; raises `UnicodeEncodeError`."""
        return self.mark + text.encode(self.encoding)


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of a text begin."""
    return [0, *(match.end() for match in NEWLINE.finditer(text))]


def decoded(source: bytes) -> SourceText | None:
    """A Python file's text by its declared encoding; None when it has none that reads it."""
    mark = codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        return SourceText(source.removeprefix(mark).decode(encoding), encoding, mark)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None
