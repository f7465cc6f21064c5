"""Engines that may still be loading at the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_of, engine_starts, may_do, title
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for an engine child that nothing waits for, or whose open port is taken for readiness."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in engine_starts(deployment, model.BEFORE):
        engine = engine_of(event)
        if event.launch is None or engine is None or event.launch.waits or engine.lazy_child or engine.name == "comfyui":
            continue
        waits = list(_waits(deployment, event))
        if any(wait.kind == model.HTTP or wait.purpose in (model.LOG, model.HEALTH) for wait in waits) or may_do(
            deployment, model.HEALTH, model.BEFORE
        ):
            continue
        if any(wait.purpose == model.PORT for wait in waits):
            if engine.listens_early:
                yield _port_only(deployment, event, next(wait for wait in waits if wait.purpose == model.PORT))
            continue
        yield Hazard(
            event.site,
            f"{deployment.name} starts {title(event)} and lets the hook end without waiting for it: the snapshot is taken while the model is still loading{_but(waits)}.",
            f"Poll {_path(event)} until it answers 200 before the hook returns, and check that the process is still alive while waiting.",
            confidence=confidence(deployment, event),
            event=event,
        )


def _waits(deployment: Deployment, event: Event) -> Iterator[Event]:
    after = False
    for other in deployment.during(model.BEFORE):
        if other is event:
            after = True
        elif (
            after
            and (other.kind in (model.WAIT, model.HTTP, model.INFERENCE))
            and (other.kind != model.HTTP or other.request is None or other.request.local is not False)
        ):
            yield other


def _but(waits: list[Event]) -> str:
    return " (a fixed time.sleep is a guess, not a wait)" if any(wait.purpose == model.PAUSE for wait in waits) else ""


def _path(event: Event) -> str:
    engine = engine_of(event)
    paths = engine.health_paths if engine is not None else ()
    return f"http://127.0.0.1:PORT{paths[0]}" if paths else "its health address"


def _port_only(deployment: Deployment, event: Event, wait: Event) -> Hazard:
    return Hazard(
        wait.site,
        f"{deployment.name} takes an open port for readiness, but {title(event)} opens its port before it loads the model, so the snapshot may hold a half-loaded server.",
        f"Poll {_path(event)} until it answers 200 instead.",
        confidence=confidence(deployment, event),
        related=((event.site, "started here"),),
        event=event,
    )
