"""See a first answer that does first-use work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal

SLOWER, LONGEST = 3.0, 1.0


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """The first answer took a second longer than the same one again, and three times as long."""
    if rehearsal.snapshot == "none" or len(rehearsal.answers) < 2 or not all(answer.good for answer in rehearsal.answers):
        return
    first, second = rehearsal.answers[0].seconds, rehearsal.answers[1].seconds
    if first - second >= LONGEST and first >= SLOWER * second:
        yield Observation(
            f"The first answer of {rehearsal.deployment} took {first:.2f} s and the same one again {second:.2f} s: the difference is first-use work, "
            "which every restored container does.",
            "Send two or three real requests of different lengths in @modal.enter(snap=True).",
            confidence=Confidence.LIKELY,
        )
