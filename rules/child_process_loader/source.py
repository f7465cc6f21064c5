"""Children that hold a model at the capture without a protocol that is known to survive it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import confidence, engine_of, engine_starts, hands_over, may_do, title, unknown_starts
from snapdoctor.finding import Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

SPOKEN_FOR = ("vllm", "sglang", "ollama")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each child that is alive at the capture, may hold a model, and is not covered by a more exact rule."""
    if deployment.snapshot != "gpu" or deployment.gpu is None:
        return
    for event in unknown_starts(deployment, model.BEFORE):
        if isinstance(deployment.gpu, Gpu) or deployment.kind == "mixin":
            yield _own_program(deployment, event)
    for event in deployment.find(model.FORK, phases=(model.BEFORE,)):
        if event.load is not None:
            yield _worker(deployment, event)
    for event in engine_starts(deployment, model.BEFORE):
        if (event.launch is not None and not event.launch.waits) or _lasting(event):
            yield from _engine(deployment, event)


def _lasting(event: Event) -> bool:
    engine = engine_of(event)
    return engine is not None and engine.detaches


def _own_program(deployment: Deployment, event: Event) -> Hazard:
    program = event.launch.program if event.launch is not None else "a program"
    return Hazard(
        event.site,
        f"{deployment.name} starts {program} before the snapshot. If this child holds the model, the snapshot is only as good as the state it is in at that moment: ready, warmed up, and with no request under way.",
        "Check in a deployed app that a restored container answers without loading again; or load the model in this process. The probe shows whether the child holds the GPU.",
        confidence=confidence(deployment, event),
    )


def _worker(deployment: Deployment, event: Event) -> Hazard:
    return Hazard(
        event.site,
        f"{deployment.name} loads {title(event)} in a worker process before the snapshot; nothing says when that worker is ready, and a forked worker shares the parent's GPU descriptors.",
        "Load the model in this process, or start the worker with the spawn method and wait for its answer before the hook ends.",
        confidence=confidence(deployment, event),
    )


def _engine(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    engine = engine_of(event)
    if engine is None:
        return
    if engine.name in SPOKEN_FOR or not _waited_and_warmed(deployment, event):
        if engine.detaches and not _warmed(deployment) and not may_do(deployment, model.WARMUP, model.BEFORE):
            yield _unproven(deployment, event)
        return
    if engine.loads and not engine.snapshot_protocol:
        yield Hazard(
            event.site,
            f"{deployment.name} runs llama_cpp.server as a child. It is captured with the process tree, but the same library loads in this process with fewer moving parts.",
            "Consider llama_cpp.Llama(...) in the hook itself; if you keep the server, the order used here (start, wait, warm up) is right.",
            severity=Severity.ADVICE,
            confidence=confidence(deployment, event),
        )
    elif not engine.snapshot_protocol and not engine.proven_child:
        yield _unproven(deployment, event)


def _unproven(deployment: Deployment, event: Event) -> Hazard:
    return Hazard(
        event.site,
        f"{deployment.name} has {title(event)} running on the GPU in a child process when the snapshot is taken, and {title(event)} has no sleep or release step made for that.",
        "Check in a deployed app that a restored container answers right and without loading again; run a real request before the hook ends.",
        confidence=confidence(deployment, event),
    )


def _waited_and_warmed(deployment: Deployment, event: Event) -> bool:
    return (_warmed(deployment) or may_do(deployment, model.WARMUP, model.BEFORE)) or hands_over(deployment, event, model.WARMUP)


def _warmed(deployment: Deployment) -> bool:
    return any(event.purpose == model.WARMUP for event in deployment.find(model.HTTP, phases=(model.BEFORE,)))
