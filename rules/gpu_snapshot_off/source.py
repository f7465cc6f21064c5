"""Serving deployments that would gain from a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor import engines
from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import brings_up, engine_of, title, unknown_starts
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

MODEL_WORDS = ("Pipeline", "Model", "LLM", "Engine", "Transcriber", "Synthesizer", "TTS", "Generator", "Backend", "Predictor", "Runner")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a serving, single-GPU deployment that loads a model without any snapshot."""
    if not _is_candidate(deployment):
        return
    loads = list(brings_up(deployment, model.IMPORT, model.BEFORE, model.AFTER, model.REQUEST))
    first = next((event for event in loads if event.phase != model.IMPORT), None) or next(
        unknown_starts(deployment, model.BEFORE, model.AFTER), None
    )
    if first is None:
        yield from _hidden(deployment)
        return
    yield Hazard(
        deployment.site,
        f"{deployment.name} serves a model on a GPU without a memory snapshot, so every cold start loads {_what(first)} again.",
        _help(first, deployment),
        related=((first.site, "loaded here"),),
    )


def _hidden(deployment: Deployment) -> Iterator[Hazard]:
    """A model behind a library that is not known: an object such as `LlamaCppPipeline(...)` made in a hook."""
    for event in deployment.find(model.OPAQUE, phases=(model.BEFORE, model.AFTER)):
        name = event.name.rpartition(".")[2]
        if name[:1].isupper() and name.endswith(MODEL_WORDS):
            yield Hazard(
                deployment.site,
                f"{deployment.name} serves on a GPU without a memory snapshot and builds {name} in {event.hook}, at every cold start.",
                _help(event, deployment),
                confidence=Confidence.LIKELY,
                related=((event.site, "built here"),),
            )
            return


def _is_candidate(deployment: Deployment) -> bool:
    if deployment.snapshot != "none" or deployment.memory_snapshot.given is not False:
        return False
    if not isinstance(deployment.gpu, Gpu) or deployment.gpu.count != 1 or not deployment.serves or not deployment.resolved:
        return False
    floor = deployment.option("min_containers")
    if floor.given is False:
        floor = deployment.option("keep_warm")
    return floor.known and not floor.value


def _what(event: Event) -> str:
    engine = engine_of(event)
    if engine is None:
        return f"what {title(event)} loads"
    return "the model" if engine.title.startswith("a ") else f"the {engine.title} model"


def _help(event: Event, deployment: Deployment) -> str:
    steps = 'set enable_memory_snapshot=True and experimental_options={"enable_gpu_snapshot": True}, load and warm up in @modal.enter(snap=True)'
    if deployment.kind == "function":
        steps = f"turn the function into an @app.cls; {steps}"
    if event.kind == model.PROCESS and event.launch is not None:
        engine = engines.engine_named(event.launch.engine) if event.launch.engine is not None else None
        if engine is not None and engine.snapshot_protocol:
            return f"{steps[0].upper()}{steps[1:]}; start {engine.title} there, wait until it is ready, send real requests, put it to sleep before the hook ends and wake it in @modal.enter(snap=False)."
        return f"{steps[0].upper()}{steps[1:]}; start the child process there, wait until it answers, and send it real requests before the hook ends."
    return f"{steps[0].upper()}{steps[1:]}."
