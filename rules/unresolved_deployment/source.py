"""Deployments whose life could not be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard that names what could not be read."""
    unread = list(dict.fromkeys(event.name for event in deployment.find(model.OPAQUE, phases=(model.IMPORT, model.BEFORE, model.AFTER))))
    if deployment.snapshot is None:
        unread.insert(0, "the snapshot options")
    if not deployment.resolved:
        unread.insert(0, "a base class or a very long hook")
    if unread:
        yield Hazard(
            deployment.site,
            f"These parts of {deployment.name} could not be read, so a missing step may go unreported: {', '.join(unread[:5])}{', ...' if len(unread) > 5 else ''}.",
            "Run snapdoctor from the project's root, so that its own modules are found.",
        )
