"""Loads and engine starts that run after the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import brings_up, confidence, title, unknown_starts, unread
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

WHERE = {
    "enter": "a hook that runs after the snapshot", "web_server": "the web server's body, which runs after the snapshot",
    "asgi_app": "the web app's factory, which runs after the snapshot", "wsgi_app": "the web app's factory, which runs after the snapshot",
    "fastapi_endpoint": "the first request", "method": "the first request", "body": "the function's body, which runs with the first input",
}  # fmt: skip


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for the first load or engine start after the capture that the capture does not already hold."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    late = list(brings_up(deployment, model.AFTER, model.REQUEST)) or list(unknown_starts(deployment, model.AFTER))
    if not late:
        return
    held = [
        event
        for event in (*brings_up(deployment, model.IMPORT, model.BEFORE), *unknown_starts(deployment, model.BEFORE))
        if not event.handler
    ]
    first = next((event for event in late if not event.handler), None)
    if first is None or (
        not deployment.gpu and not held and first.phase == model.REQUEST and first.conditional and unread(deployment, model.BEFORE)
    ):
        return
    if held and not _starts_again(held, first):
        return
    if not held and unread(deployment, model.BEFORE) and _could_load(deployment):
        return
    yield _again(deployment, held[0], first) if held else _late(deployment, first)


def _starts_again(held: list[Event], late: Event) -> bool:
    """Whether what the snapshot holds is thrown away: the same source line, unconditionally, brings it up again after the capture."""
    same = any(event.site.node is late.site.node for event in held)
    return same and late.phase == model.AFTER and not late.conditional


def _could_load(deployment: Deployment) -> bool:
    return any(
        any(word in event.name.lower() for word in ("load", "model", "engine", "start", "init", "build", "warm", "setup"))
        for event in deployment.find(model.OPAQUE, phases=(model.IMPORT, model.BEFORE))
    )


def _late(deployment: Deployment, event: Event) -> Hazard:
    kind = next((hook.kind for hook in deployment.hooks if hook.name == event.hook), "")
    where = WHERE.get(kind, "code that runs after the snapshot")
    verb = "started" if event.kind == model.PROCESS else "loaded"
    move = "Move it into a hook marked @modal.enter(snap=True)"
    if deployment.kind == "function":
        move = "Make the function an @app.cls and move this into a hook marked @modal.enter(snap=True)"
    return Hazard(
        event.site,
        f"The snapshot of {deployment.name} does not hold the model: {title(event)} is {verb} in {where}, so every restored container does it again.",
        f"{move}, so that it is done before the snapshot.",
        confidence=confidence(deployment, event),
        related=((deployment.site, "snapshots are switched on here"),),
    )


def _again(deployment: Deployment, held: Event, late: Event) -> Hazard:
    return Hazard(
        late.site,
        f"{deployment.name} captures {title(held)} in the snapshot and then starts it again in {late.hook}, after the restore: what the snapshot holds is thrown away.",
        "Keep using the process or model that was restored; after the restore only check that it answers (and wake it, if it was put to sleep).",
        confidence=confidence(deployment, late),
        related=((deployment.site, "snapshots are switched on here"),),
    )
