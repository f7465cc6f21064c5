"""Control calls whose failure nobody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

STEPS = (model.SLEEP, model.WAKE, model.RELEASE, model.RESUME)
CHECKED = ("raise_for_status", "status_code", "ok", "is_success", "json", "status")
RAISES = ("urllib.", "http.client")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each control call under a broad handler that hides failure, or whose answer is never looked at."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    seen: set[int] = set()
    for event in deployment.find(model.HTTP, phases=(model.BEFORE, model.AFTER)):
        if event.purpose not in STEPS or event.handler or id(event.site.node) in seen:
            continue
        seen.add(id(event.site.node))
        if event.guard is not None and event.guard.broad and not event.guard.reraises:
            yield _hazard(
                deployment,
                event,
                "a handler hides its failure",
                "Let the error end the hook: Modal then starts the container without the snapshot.",
            )
        elif not _is_checked(deployment, event):
            yield _hazard(deployment, event, "its answer is never checked", "Call .raise_for_status() on the answer.")


def _is_checked(deployment: Deployment, event: Event) -> bool:
    if event.name.startswith(RAISES):
        return True
    source = event.site.module.source
    return any(word.encode() in source for word in CHECKED) and _follows(deployment, event)


def _follows(deployment: Deployment, event: Event) -> bool:
    """The answer's status is called or read somewhere after the request."""
    if any(other.subject is event.made and other.name.endswith(CHECKED) for other in deployment.events if other.kind == model.CALL):
        return True
    return b"status_code" in event.site.module.source or b".ok" in event.site.module.source or b".is_success" in event.site.module.source


def _hazard(deployment: Deployment, event: Event, problem: str, remedy: str) -> Hazard:
    return Hazard(
        event.site,
        f"The {event.purpose} step of {deployment.name} may fail without a word: {problem}. The snapshot then holds an engine in the wrong state, in every container.",
        remedy,
        confidence=confidence(deployment, event),
    )
