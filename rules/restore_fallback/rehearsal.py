"""See a sandbox that cannot be restored."""

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
    if saved is not None and saved.failed == "restore":
        yield Observation(
            f"{saved.engine} {saved.version} saved the container and could not restore it: {saved.error}. Modal would start it without the snapshot.",
            "Look for a file that is open or mapped and was changed or removed since (`snapdoctor explain SNAP605`).",
            confidence=Confidence.CERTAIN if saved.is_modals else Confidence.LIKELY,
        )
