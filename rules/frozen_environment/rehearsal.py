"""See values of Secrets and of this one container that objects have kept over the snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """Each copy once, with the place that keeps it."""
    if rehearsal.snapshot == "none":
        return
    for copy in rehearsal.copies:
        source = f"of the Secret {copy.secret}" if copy.secret else "of the container that made the snapshot"
        consequence = (
            "A Secret that is rotated reaches restored containers as the old value." if copy.secret else "Every restored container has it."
        )
        yield Observation(
            f"{copy.where} keeps the value of {copy.variable} {source} over the snapshot. {consequence}",
            f'Read os.environ["{copy.variable}"] again in @modal.enter(snap=False), or where it is used.',
            confidence=Confidence.CERTAIN if copy.sure else Confidence.LIKELY,
        )
