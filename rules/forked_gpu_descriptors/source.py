"""Forks after CUDA, before the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

CLEAN = ("spawn", "forkserver")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each fork that follows a use of CUDA before a GPU capture."""
    if deployment.snapshot != "gpu":
        return
    touched = False
    for event in deployment.during(model.IMPORT, model.BEFORE):
        touched = touched or _initialises(event)
        if event.kind == model.FORK and touched and event.purpose not in CLEAN and not _closed(event):
            yield Hazard(
                event.site,
                f"{event.name} forks after CUDA is in use in {deployment.name}: the child keeps the GPU's descriptors without a CUDA state of its own. "
                "gVisor of 2025 refused to capture that; today's does, with a larger snapshot.",
                'Fork before CUDA is used, end the workers before the hook returns, or use multiprocessing.get_context("spawn") (DataLoader: num_workers=0 here).',
                confidence=confidence(deployment, event),
            )


def _initialises(event: Event) -> bool:
    if event.kind == model.CUDA:
        return True
    return event.kind in (model.LOAD, model.MOVE) and event.device in ("cuda", "auto")


def _closed(event: Event) -> bool:
    """Used in a `with` block: the workers have ended when the hook returns."""
    return event.purpose == "with"
