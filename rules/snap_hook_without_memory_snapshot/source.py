"""enter(snap=True) without the option that gives it meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for the first snapshot hook of a class whose memory snapshot is off."""
    memory = deployment.memory_snapshot
    if deployment.kind not in ("cls", "server") or not memory.is_false():
        return
    hook = next((hook for hook in deployment.hooks if hook.kind == "enter" and hook.snap is True), None)
    if hook is None:
        return
    yield Hazard(
        hook.site,
        f"{hook.name} is to run before the snapshot, but {deployment.name} does not set enable_memory_snapshot=True: Modal refuses the class when it is imported.",
        "Add enable_memory_snapshot=True to the decorator of the class, or drop snap=True.",
        confidence=Confidence.LIKELY if memory.likely else Confidence.CERTAIN,
        related=((deployment.site, "the decorator"),),
    )
