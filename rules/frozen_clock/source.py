"""Find clock readings that outlive the capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

# A time that is meant to say when the snapshot was made.
ON_PURPOSE = re.compile(r"snap|captur|build|built|deploy|image", re.IGNORECASE)
LIMITS = re.compile(r"deadline|expir|until|lease|ttl|valid|timeout|next_|due", re.IGNORECASE)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Clock readings stored at import or before the capture, and read after it."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in deployment.find(model.CLOCK, phases=(model.IMPORT, model.BEFORE)):
        if event.conditional or event.kept is None or not event.used_after or ON_PURPOSE.search(event.kept):
            continue
        place = "inside the function" if deployment.kind == "function" else "in @modal.enter(snap=False) or at the first request"
        confidence = Confidence.LIKELY if deployment.snapshot_likely else Confidence.CERTAIN
        yield Hazard(event.site, _message(deployment, event), f"Set {event.kept} {place}.", confidence=confidence)


def _message(deployment: Deployment, event: Event) -> str:
    when = "at import" if event.phase == model.IMPORT else f"in {event.hook}()"
    start = f"{event.kept} is taken from the clock {when}, before the snapshot of {deployment.name}, and used after it"
    if event.kept is not None and LIMITS.search(event.kept):
        return f"{start}: in a restored container it has already passed."
    return f"{start}: in a restored container it is as old as the snapshot, so an age, timeout or date worked out from it is wrong."
