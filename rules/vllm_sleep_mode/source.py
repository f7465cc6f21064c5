"""vLLM's sleep protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_starts, may_do, model_loads
from snapdoctor.app.values import UNKNOWN, Made, constant
from snapdoctor.engines.command import flag
from snapdoctor.finding import Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

SAVE = "--enable-sleep-mode"


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield what each vLLM engine before a GPU capture lacks of its sleep protocol."""
    if deployment.snapshot != "gpu":
        return
    for event in engine_starts(deployment, model.BEFORE):
        if event.launch is not None and event.launch.engine == "vllm":
            yield from _server(deployment, event)
    for event in model_loads(deployment, model.IMPORT, model.BEFORE):
        if event.load is not None and event.load.engine == "vllm":
            yield from _in_process(deployment, event)


def _server(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    if event.launch is None:
        return
    enabled = flag(event.launch, SAVE, underscores=True).present
    if enabled is False and flag(event.launch, "--config").present is not False:
        enabled = None
    sleeps = [other for other in deployment.during(model.BEFORE) if other.purpose == model.SLEEP and other.kind == model.HTTP]
    if enabled is False:
        yield Hazard(
            event.site,
            f"{deployment.name} captures vLLM without sleep mode: the KV cache, most of the GPU's memory, is written into every snapshot."
            + (" Its /sleep call fails." if sleeps else ""),
            f"Start vLLM with {SAVE} and VLLM_SERVER_DEV_MODE=1, POST /sleep?level=1 after the warm-up and /wake_up in @modal.enter(snap=False).",
            confidence=confidence(deployment, event),
        )
    elif enabled is True and not sleeps and not may_do(deployment, model.SLEEP, model.BEFORE):
        yield Hazard(
            event.site,
            f"{deployment.name} enables vLLM's sleep mode but never puts it to sleep before the snapshot, so nothing is saved.",
            "POST /sleep?level=1 at the end of the snapshot hook, after the warm-up, and /wake_up in @modal.enter(snap=False).",
            confidence=confidence(deployment, event),
        )
    if enabled is not False and sleeps and deployment.environment("VLLM_SERVER_DEV_MODE", event).given is False:
        yield Hazard(
            sleeps[0].site,
            f"{deployment.name} calls /sleep, but vLLM serves that route only with VLLM_SERVER_DEV_MODE=1, which is not set.",
            'Add .env({"VLLM_SERVER_DEV_MODE": "1"}) to the image, or the variable to the env= of the process.',
            severity=Severity.ERROR,
            confidence=confidence(deployment, sleeps[0]),
        )
    for sleep in sleeps:
        if sleep.request is not None and "level=2" in sleep.request.query and not _reloads(deployment):
            yield _level_two(deployment, sleep)


def _in_process(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    arguments = event.arguments
    if event.name.endswith("from_engine_args"):
        made = arguments.positional[0] if arguments.positional else arguments.get("engine_args")
        if not isinstance(made, Made):
            return
        arguments = made.arguments
    value = arguments.get("enable_sleep_mode")
    if value is None:
        yield Hazard(
            event.site,
            f"{deployment.name} captures vLLM without sleep mode: the KV cache, most of the GPU's memory, is written into every snapshot.",
            "Pass enable_sleep_mode=True, call sleep(level=1) after the warm-up and wake_up() in @modal.enter(snap=False).",
            confidence=confidence(deployment, event),
        )
        return
    if value is UNKNOWN or constant(value) is not True:
        return
    for other in deployment.during(model.BEFORE):
        if (
            other.kind == model.CONTROL
            and other.purpose == model.SLEEP
            and constant(other.arguments.get("level", 0)) == 2
            and not _reloads(deployment)
        ):
            yield _level_two(deployment, other)


def _reloads(deployment: Deployment) -> bool:
    words = ("reload_weights", "collective_rpc", "load_weights")
    return any(
        any(word in event.name or word in ((event.request.path or "") if event.request is not None else "") for word in words)
        for event in deployment.during(model.AFTER, model.REQUEST)
    )


def _level_two(deployment: Deployment, event: Event) -> Hazard:
    return Hazard(
        event.site,
        f"{deployment.name} sleeps at level 2, which drops the weights, and never loads them again: the restored model writes gibberish.",
        "Use level 1, or call reload_weights after waking.",
        severity=Severity.ERROR,
        confidence=confidence(deployment, event),
    )
