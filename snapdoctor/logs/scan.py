"""Find every signature in a stream of bytes: one pass, native matching, memory bounded by the longest line that is kept whole."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from snapdoctor.logs.signature import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snapdoctor.logs.signature import Signature

LONGEST_LINE = 1 << 20
"""Bytes; longer lines are searched in pieces and quoted by the fragment alone."""
# Colours and titles; bounded, so that a cut through one can be told from text.
ANSI = re.compile(rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\))")
CUT = re.compile(rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\x07\x1b]{0,256}\x1b?)?\Z")
WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Scanner:
    """The signatures of all rules as one automaton."""

    def __init__(self, signatures: Iterable[tuple[str, Signature]]) -> None:
        self.signatures = tuple(signatures)
        texts: dict[str, None] = {}
        for _, one in self.signatures:
            texts.update(dict.fromkeys(text for text in (one.fragment, one.also, one.after) if text))
        # In JSON lines a quotation mark is written with a backslash before it.
        self._patterns: list[tuple[bytes, str]] = []
        for text in texts:
            self._patterns += [
                (spelled.encode(), text)
                for spelled in dict.fromkeys((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]))
            ]
        spelled = [spelled for spelled, _ in self._patterns]
        # Two of them: this kind has a vectorised search, eight times as fast, but does not see a text that another one overlaps.
        self._quick = BytesAhoCorasick(spelled, matchkind=MatchKind.LeftmostFirst)
        self._thorough = BytesAhoCorasick(spelled, matchkind=MatchKind.Standard)
        self.overlap = max((len(spelled) for spelled, _ in self._patterns), default=1) - 1

    def scan(self, chunks: Iterable[bytes]) -> Iterator[Match]:
        """Every match in order; where the stream is cut into chunks changes nothing."""
        state = _State(self)
        for chunk in _uncoloured(_narrowed(chunks)):
            yield from state.feed(chunk)
        yield from state.end()

    def hits(self, data: bytes) -> list[int]:
        """Offsets in order, at least one in each line that holds a text."""
        return [start for _, start, _ in self._quick.find_matches_as_indexes(data)]

    def texts(self, data: bytes) -> dict[str, None]:
        """Every text in a line or a piece of one."""
        found = self._thorough.find_matches_as_indexes(data, overlapping=True)
        return {self._patterns[index][1]: None for index, _, _ in found}


class _State:
    """Where a scan stands in its stream."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.line = 1
        self.rest = b""
        self.seen: set[str] = set()
        """Texts of earlier lines."""
        self.long: dict[str, None] | None = None
        """Texts of the line at hand, when it is too long to be kept."""

    def feed(self, chunk: bytes) -> Iterator[Match]:
        data = self.rest + chunk
        cut = data.rfind(b"\n") + 1
        complete, self.rest = data[:cut], data[cut:]
        if complete:
            yield from self._complete(complete)
        if len(self.rest) > LONGEST_LINE:
            self._piece(self.rest)
            self.rest = self.rest[len(self.rest) - self.scanner.overlap :]

    def end(self) -> Iterator[Match]:
        if self.rest or self.long is not None:
            yield from self._complete(self.rest)

    def _piece(self, data: bytes) -> None:
        self.long = {**(self.long or {}), **self.scanner.texts(data)}

    def _complete(self, data: bytes) -> Iterator[Match]:
        """Whole lines; the first may be the end of a long one."""
        if self.long is not None:
            end = data.find(b"\n") + 1 or len(data)
            self._piece(data[:end])
            texts, self.long = self.long or {}, None
            yield from self._of_line(texts, None)
            self.line += data.count(b"\n", 0, end)
            data = data[end:]
        hits = self.scanner.hits(data)
        position = taken = 0
        while taken < len(hits):
            start = data.rfind(b"\n", 0, hits[taken]) + 1
            end = data.find(b"\n", hits[taken]) + 1 or len(data)
            self.line += data.count(b"\n", position, start)
            while taken < len(hits) and hits[taken] < end:
                taken += 1
            whole = data[start:end]
            yield from self._of_line(self.scanner.texts(whole), whole if end - start <= LONGEST_LINE else None)
            position = start
        self.line += data.count(b"\n", position)

    def _of_line(self, texts: dict[str, None], line: bytes | None) -> Iterator[Match]:
        for rule, one in self.scanner.signatures:
            if one.fragment in texts and (not one.also or one.also in texts) and (not one.after or one.after in self.seen):
                shown = _shown(line) if line is not None else one.fragment
                yield Match(rule, one, self.line, shown.find(one.fragment) + 1 or 1, shown)
        self.seen.update(texts)


def _shown(line: bytes) -> str:
    """A line without its end; of a JSON line the message."""
    text = line.decode("utf-8", "replace").strip("\r\n")
    if text.lstrip().startswith("{"):
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            return text
        for key in ("message", "msg", "log", "text", "event"):
            if isinstance(held, dict) and isinstance(held.get(key), str):
                return str(held[key]).strip("\r\n")
    return text


def _uncoloured(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without terminal escapes; one that a chunk cuts through is kept until it is whole."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        rest = b""
        if b"\x1b" in data:
            cut = CUT.search(data)
            data, rest = (data[: cut.start()], data[cut.start() :]) if cut is not None else (data, b"")
            data = ANSI.sub(b"", data)
        yield data
    yield rest


def _narrowed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """UTF-16 and UTF-32 by their byte order mark as UTF-8; everything else as it is."""
    head = b""
    decoder: codecs.IncrementalDecoder | None = None
    decided = False
    for chunk in chunks:
        piece = chunk
        if not decided:
            head += chunk
            if len(head) < 4:
                continue
            decoder, piece, decided = _decoder(head), head, True
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder is not None else piece
    if not decided and head:
        decoder = _decoder(head)
        yield decoder.decode(head).encode("utf-8", "replace") if decoder is not None else head
    if decoder is not None:
        yield decoder.decode(b"", True).encode("utf-8", "replace")


def _decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    name = next((name for mark, name in WIDE if head.startswith(mark)), None)
    return codecs.getincrementaldecoder(name)("replace") if name is not None else None
