"""Captures of models that have never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import brings_up, confidence, engine_of, may_do, title, unknown_starts, wants_gpu
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a model that is on the GPU at the capture and has not answered a request."""
    if deployment.snapshot != "gpu" or deployment.gpu is None or not deployment.resolved:
        return
    loads = [event for event in brings_up(deployment, model.IMPORT, model.BEFORE) if wants_gpu(event) is not False or _is_moved(deployment)]
    lasting = [event for event in loads if _lasts(event)]
    if not lasting or _has_run(deployment) or may_do(deployment, model.WARMUP, model.BEFORE, model.IMPORT):
        return
    event = lasting[-1]
    if any(True for _ in unknown_starts(deployment, model.BEFORE)):
        return
    yield Hazard(
        event.site,
        f"{deployment.name} captures {title(event)} before it has answered anything: kernels are compiled and buffers allocated by the first request of every restored container.",
        "Run two or three real requests of different lengths after the load, in the same hook." + _note(event),
        confidence=confidence(deployment, event),
        event=event,
    )


def _lasts(event: Event) -> bool:
    engine = engine_of(event)
    return event.launch is None or not event.launch.waits or (engine is not None and engine.detaches)


def _note(event: Event) -> str:
    name = event.launch.engine if event.launch is not None else None
    if name in ("llama-server", "sglang"):
        return f" {title(event)}'s own start-up warm-up does not count: it runs no prompt of real length."
    return ""


def _is_moved(deployment: Deployment) -> bool:
    return any(event.device in ("cuda", "auto", None) for event in deployment.find(model.MOVE, phases=(model.BEFORE,)))


def _has_run(deployment: Deployment) -> bool:
    for event in deployment.during(model.IMPORT, model.BEFORE):
        if event.kind == model.INFERENCE or event.purpose == model.WARMUP:
            return True
        if (
            event.kind == model.HTTP
            and event.request is not None
            and event.request.local is not False
            and event.purpose is None
            and event.request.method == "POST"
        ):
            return True
        if event.kind == model.CALL and any(word in event.name.lower() for word in ("warm", "generate", "infer")):
            return True
    return False
