"""From matches to an answer: what is known to have gone wrong, the cause before its consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import catalog
from snapdoctor.finding import Confidence, Finding, Location
from snapdoctor.logs.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.logs.signature import Match, Signature

QUOTED = 3
"""Lines that are quoted for one signature; further ones are counted."""
TRACE = "Traceback (most recent call last):"


class Told(NamedTuple):
    """One known failure, with its decisive lines."""

    rule: str
    signature: Signature
    lines: tuple[Match, ...]
    times: int


class Diagnosis(NamedTuple):
    """The answer to one log."""

    told: tuple[Told, ...]
    """The likely cause first."""
    traces: int
    """Python tracebacks in the log, known or not."""


def diagnose(chunks: Iterable[bytes]) -> Diagnosis:
    """What the log (chunks of bytes, cut anywhere) is known to mean; raises `catalog.CatalogError` for a rule that cannot be loaded.

    Memory is bounded by the number of signatures, not by the log.
    """
    from snapdoctor.logs.signature import Signature

    trace = Signature(TRACE, "", "", "")
    scanner = Scanner([*((entry.rule.code, one) for entry in catalog.entries() for one in entry.signatures()), ("", trace)])
    kept: dict[tuple[str, Signature], list[Match]] = {}
    counts: dict[tuple[str, Signature], int] = {}
    for match in scanner.scan(chunks):
        key = (match.rule, match.signature)
        counts[key] = counts.get(key, 0) + 1
        if len(kept.setdefault(key, [])) < QUOTED:
            kept[key].append(match)
    told = [Told(rule, one, tuple(lines), counts[rule, one]) for (rule, one), lines in kept.items() if rule]
    told.sort(key=lambda one: (one.signature.rank, one.lines[0].line))
    return Diagnosis(tuple(told), counts.get(("", trace), 0))


def findings(diagnosis: Diagnosis, path: str) -> tuple[Finding, ...]:
    """One finding for each known failure, at its first line."""
    made = []
    for one in diagnosis.told:
        rule = catalog.find(one.rule).rule
        first = one.lines[0]
        place = Location(path, first.line, first.column, first.line, first.column + len(one.signature.fragment))
        severity = one.signature.severity if one.signature.severity is not None else rule.severity
        confidence = Confidence.LIKELY if one.signature.after else Confidence.CERTAIN
        made.append(Finding(rule.code, rule.name, severity, confidence, one.signature.message, one.signature.help, rule.evidence, place))
    return tuple(made)
