"""A text that a known failure leaves in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from snapdoctor.finding import Severity

CAUSE, SYMPTOM, CONSEQUENCE = 10, 50, 90
"""How near a text stands to the root of a failure: several are told in this order."""


class Signature(NamedTuple):
    """An exact text, what it means and what to do; each rule with a log detector holds a tuple of them as `SIGNATURES` in `log.py`."""

    fragment: str
    """Found anywhere in a line, letter for letter."""
    message: str
    """What happened and why, one or two sentences."""
    help: str
    """What to type."""
    source: str
    """Where the text was recorded or read, with its certainty."""
    also: str = ""
    """A second text that the same line must hold."""
    after: str = ""
    """A text that an earlier line must hold, for fragments that mean something else elsewhere."""
    rank: int = SYMPTOM
    severity: Severity | None = None
    """None: the rule's own."""


class Match(NamedTuple):
    """One line of a log that holds a signature."""

    rule: str
    signature: Signature
    line: int
    """From 1."""
    column: int
    """Where the fragment begins, from 1, in code points."""
    text: str
    """The line as a person reads it; the fragment alone where the line is longer than `scan.LONGEST_LINE`."""
