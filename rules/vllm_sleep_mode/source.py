"""Find vLLM engines captured awake, or asked to sleep in a way that cannot work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.app.values import Made, Mapping, Sequence, Spread, constant
from snapdoctor.engines.command import flag, role
from snapdoctor.engines.vllm import DEV_MODE, SLEEP_MODE
from snapdoctor.finding import Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.app.values import Value

OFF = (0, "0", "", "false", "False")
AWAKE = "the KV cache, most of the GPU, goes into the snapshot and comes back with every restore."


def check(deployment: Deployment) -> Iterator[Hazard]:
    """What the sleep of each vLLM engine that surely starts before a GPU capture lacks."""
    if deployment.snapshot != "gpu":
        return
    for event in questions.brings_up(deployment, model.IMPORT, model.BEFORE):
        if event.conditional:
            continue
        if event.launch is not None and event.launch.engine == "vllm" and not event.launch.waits:
            yield from _server(deployment, event)
        elif event.kind == model.LOAD and event.load is not None and event.load.engine == "vllm":
            yield from _in_process(deployment, event)


def _server(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    sleeps = [other for other in deployment.find(model.HTTP, phases=(model.BEFORE,)) if other.purpose == model.SLEEP]
    surely = [sleep for sleep in sleeps if not sleep.conditional]
    enabled = _server_enabled(event)
    if enabled is False:
        yield _not_enabled(deployment, event, surely)
        return
    if enabled is True and not sleeps and not _may_sleep(deployment):
        yield _never_asked(deployment, event, "POST /sleep?level=1", "POST /wake_up")
    dev_mode = deployment.environment(DEV_MODE, event)
    if surely and (dev_mode.given is False or (dev_mode.given is True and dev_mode.value in OFF)):
        yield Hazard(
            surely[0].site,
            f"vLLM serves /sleep only with {DEV_MODE}=1, which {deployment.name} does not set: the request fails, and the engine is captured awake.",
            f'Set it where vLLM sees it: image.env({{"{DEV_MODE}": "1"}}).',
            severity=Severity.ERROR,
            confidence=questions.confidence(deployment, event, surely[0]),
            related=((event.site, "vLLM starts here"),),
            event=event,
            subject=DEV_MODE,
        )
    yield from (_drops_weights(deployment, sleep) for sleep in surely if _http_level(sleep) == 2 and not _may_reload(deployment))


def _in_process(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    sleeps = [other for other in deployment.find(model.CONTROL, phases=(model.BEFORE,)) if other.purpose == model.SLEEP]
    surely = [sleep for sleep in sleeps if not sleep.conditional]
    enabled = _load_enabled(event)
    if enabled is False:
        yield _not_enabled(deployment, event, surely)
        return
    if enabled is True and not sleeps and not _may_sleep(deployment):
        yield _never_asked(deployment, event, "call sleep(level=1)", "call wake_up()")
    yield from (
        _drops_weights(deployment, sleep)
        for sleep in surely
        if constant(sleep.arguments.get("level", 0)) == 2 and not _may_reload(deployment)
    )


def _server_enabled(event: Event) -> bool | None:
    """Whether sleep mode is on; None when a configuration file or unknown arguments may say so."""
    if event.launch is None:
        return None
    present = flag(event.launch, SLEEP_MODE).present
    return None if present is False and role(event.launch, "config").present is not False else present


def _load_enabled(event: Event) -> bool | None:
    arguments = event.arguments
    if event.name.endswith(("from_engine_args", "from_vllm_config")):
        made = arguments.get("engine_args", 0)
        if not isinstance(made, Made) or not made.name.endswith("EngineArgs"):
            return None
        arguments = made.arguments
    value = arguments.get("enable_sleep_mode")
    if value is None:
        return False
    known = constant(value)
    return known if isinstance(known, bool) else None


def _not_enabled(deployment: Deployment, event: Event, sleeps: list[Event]) -> Hazard:
    server = event.launch is not None
    spelled = f"{SLEEP_MODE} and {DEV_MODE}=1" if server else "enable_sleep_mode=True"
    steps = "POST /sleep?level=1 after the warm-up and /wake_up" if server else "call sleep(level=1) after the warm-up and wake_up()"
    said = f"{deployment.name} is captured with vLLM's sleep mode off: {AWAKE}"
    if sleeps:
        said = f"{deployment.name} puts vLLM to sleep before the snapshot, but its sleep mode is not enabled: the call fails, and {AWAKE}"
    return Hazard(
        event.site,
        said,
        f"Start it with {spelled}; {steps} in @modal.enter(snap=False).",
        severity=Severity.ERROR if sleeps else None,
        confidence=questions.confidence(deployment, event, *sleeps[:1]),
        related=tuple((sleep.site, "the sleep that fails") for sleep in sleeps[:1]),
        event=event,
        subject=SLEEP_MODE,
    )


def _never_asked(deployment: Deployment, event: Event, sleep: str, wake: str) -> Hazard:
    return Hazard(
        event.site,
        f"{deployment.name} enables vLLM's sleep mode but never puts it to sleep before the snapshot: {AWAKE}",
        f"{sleep[0].upper()}{sleep[1:]} at the end of the snapshot hook, after the warm-up, and {wake} in @modal.enter(snap=False).",
        confidence=questions.confidence(deployment, event),
    )


def _drops_weights(deployment: Deployment, sleep: Event) -> Hazard:
    return Hazard(
        sleep.site,
        f"Sleep level 2 drops the weights of {deployment.name}, and nothing loads them again after the restore: the model answers gibberish.",
        "Sleep at level 1, which keeps a copy in host memory.",
        severity=Severity.ERROR,
        confidence=questions.confidence(deployment, sleep),
    )


def _http_level(sleep: Event) -> object:
    """The level a /sleep request names in its URL or `params=`."""
    if sleep.request is not None and "level=2" in sleep.request.query.split("&"):
        return 2
    params = sleep.arguments.get("params")
    value = params.entries.get("level") if isinstance(params, Mapping) else None
    known = constant(value)
    return 2 if known in (2, "2") else known


def _may_sleep(deployment: Deployment) -> bool:
    """Whether code or a request that could not be read may be the sleep."""
    unknown = any(event.request is not None and event.request.path is None for event in deployment.find(model.HTTP, phases=(model.BEFORE,)))
    return unknown or questions.may_do(deployment, model.SLEEP, model.BEFORE)


def _may_reload(deployment: Deployment) -> bool:
    """Whether anything after the snapshot loads weights: `reload_weights` by RPC, or code that could not be read."""
    for event in deployment.during(model.AFTER, model.REQUEST):
        words = [
            event.name,
            event.request.path or "" if event.request is not None else "",
            *_strings((*event.arguments.positional, *event.arguments.keywords.values())),
        ]
        if any("reload" in word or "load_weights" in word or "update_weights" in word for word in words):
            return True
    return questions.may_do(deployment, model.WAKE, model.AFTER)


def _strings(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        known = constant(value)
        if isinstance(known, str):
            yield known
        elif isinstance(value, Sequence):
            yield from _strings(tuple(item for item in value.items if not isinstance(item, Spread)))
        elif isinstance(value, Mapping):
            yield from _strings(tuple(value.entries.values()))
