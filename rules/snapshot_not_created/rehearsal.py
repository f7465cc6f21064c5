"""See a sandbox that cannot be saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """The engine's refusal, in its own words; likely only where Modal's engine is another or a newer one."""
    saved = rehearsal.saved
    if saved is not None and saved.failed == "save":
        yield Observation(
            f"{saved.engine} {saved.version} could not save the container: {saved.error}. Without a snapshot every start is a slow one.",
            "Let go of what it names before the hook ends; `snapdoctor explain SNAP607` lists what cannot be saved, by release.",
            confidence=Confidence.CERTAIN if saved.is_modals else Confidence.LIKELY,
        )
