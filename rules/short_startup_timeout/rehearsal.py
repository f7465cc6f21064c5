"""See a start that does not fit into its limit, or hardly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence, Severity
from snapdoctor.rehearsal.model import ONCE
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal

NEARLY = 0.7


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """The limit was exceeded here, or more than two thirds of it were used on this machine."""
    if rehearsal.failure is not None and rehearsal.failure.limit == "startup_timeout":
        yield Observation(
            f"The start of {rehearsal.deployment} took longer than its {rehearsal.startup_timeout} s here and was ended in {rehearsal.failure.phase}: "
            "on Modal there would be no snapshot, ever.",
            "Give startup_timeout= the time that the first start needs; it is counted from the container's start to its readiness.",
            severity=Severity.ERROR,
        )
        return
    took = rehearsal.seconds(*ONCE)
    if took > NEARLY * rehearsal.startup_timeout:
        yield Observation(
            f"The start of {rehearsal.deployment} took {took:.0f} s of the {rehearsal.startup_timeout} s that it may take. Weights that come over a network "
            "take longer than they did here.",
            f"Raise startup_timeout= to {max(60, int(took * 3))} or more.",
            confidence=Confidence.LIKELY,
        )
