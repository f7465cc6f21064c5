"""Sleep and wake calls that do not pair around the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, may_do
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

DOWN = {model.SLEEP: model.WAKE, model.RELEASE: model.RESUME}
UP = {wake: sleep for sleep, wake in DOWN.items()}
CALLS = {
    model.WAKE: "/wake_up",
    model.RESUME: "/resume_memory_occupation",
    model.SLEEP: "/sleep",
    model.RELEASE: "/release_memory_occupation",
}


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield hazards for sleep without wake, wake without sleep, and a second wake."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    calls = [event for event in deployment.find(model.HTTP, model.CONTROL) if event.purpose in CALLS and not event.handler]
    before = [event for event in calls if event.phase in (model.IMPORT, model.BEFORE)]
    after = [event for event in calls if event.phase == model.AFTER]
    asleep: Event | None = None
    for event in before:
        asleep = event if event.purpose in DOWN else (None if event.purpose in UP else asleep)
    if asleep is not None and deployment.resolved and not _is_woken(deployment, asleep, calls):
        yield _not_woken(deployment, asleep)
    woken = next((event for event in after if event.purpose in UP and not event.conditional), None)
    if (
        woken is not None
        and asleep is None
        and not before
        and deployment.resolved
        and not may_do(deployment, model.SLEEP, model.IMPORT, model.BEFORE)
    ):
        yield _not_asleep(deployment, woken)
    yield from _twice(deployment, after)


def _is_woken(deployment: Deployment, asleep: Event, calls: list[Event]) -> bool:
    wake = DOWN[str(asleep.purpose)]
    later = (model.AFTER, model.REQUEST)
    return any(event.purpose == wake and event.phase in later for event in calls) or may_do(deployment, model.WAKE, *later)


def _not_woken(deployment: Deployment, event: Event) -> Hazard:
    wake = CALLS[DOWN[str(event.purpose)]]
    return Hazard(
        event.site,
        f"{deployment.name} puts its engine to sleep before the snapshot and never wakes it, so the first request in every restored container hangs or fails.",
        f"Call {wake} in a hook marked @modal.enter(snap=False), and check its answer.",
        confidence=confidence(deployment, event),
        event=event,
    )


def _not_asleep(deployment: Deployment, event: Event) -> Hazard:
    sleep = CALLS[UP[str(event.purpose)]]
    return Hazard(
        event.site,
        f"{deployment.name} wakes its engine after the restore, but never put it to sleep before the snapshot: the call fails, and all its memory was captured.",
        f"Call {sleep} at the end of the hook marked @modal.enter(snap=True), after the warm-up.",
        confidence=confidence(deployment, event),
    )


def _twice(deployment: Deployment, after: list[Event]) -> Iterator[Hazard]:
    awake = None
    for event in after:
        if event.purpose == model.RESUME and not event.conditional:
            if awake is not None and not event.loop and awake.site.node is not event.site.node:
                yield Hazard(
                    event.site,
                    f"{deployment.name} resumes its engine a second time after one restore; SGLang's scheduler fails on that.",
                    "Resume once.",
                    confidence=confidence(deployment, event),
                    related=((awake.site, "resumed here already"),),
                )
            awake = event
        elif event.purpose in DOWN:
            awake = None
