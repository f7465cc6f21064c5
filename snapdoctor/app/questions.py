"""Questions that several rules ask of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor import engines
from snapdoctor.app import model
from snapdoctor.app.values import Sequence, Spread, sketch
from snapdoctor.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Site
    from snapdoctor.engines.engine import Engine

# Words in the name of unreadable code that may do a step.
DOES = {
    model.WARMUP: (
        "warm",
        "infer",
        "generate",
        "predict",
        "test",
        "smoke",
        "dummy",
        "prime",
        "request",
        "complet",
        "embed",
        "encode",
        "chat",
        "ping",
        "run",
    ),
    model.HEALTH: ("wait", "ready", "health", "poll", "alive", "until", "up", "start", "launch", "load"),
    model.SLEEP: ("sleep", "release", "offload", "suspend", "pause", "snapshot", "prepare", "free"),
    model.WAKE: ("wake", "resume", "restore", "reload", "unpause", "after"),
    "load": ("load", "model", "pipeline", "engine", "init", "setup", "build", "create", "from_pretrained", "start", "launch", "serve"),
}


def words_of(event: Event) -> list[str | None]:
    """The launch's argv as strings, None where a word is unknown."""
    if event.launch is None:
        return []
    found: list[str | None] = []
    for item in event.launch.argv:
        drawn = None if isinstance(item, Spread) else sketch(item)
        found.append(None if drawn is None or "\0" in drawn else drawn)
    return found


def _drawn(event: Event) -> list[str | None]:
    """Like `words_of`, but a word with a known part (`.../serve.py`) keeps that part."""
    items = event.launch.argv if event.launch is not None else ()
    drawn = [None if isinstance(item, Spread) else sketch(item) for item in items]
    return [word.replace("\0", "") or None if word is not None else None for word in drawn]


def engine_starts(deployment: Deployment, *phases: str) -> Iterator[Event]:
    """Starts of child processes that a known engine recognises as its own and that stay alive."""
    for event in deployment.find(model.PROCESS, phases=phases or model.PHASES):
        if event.launch is not None and event.launch.engine is not None:
            yield event


def unknown_starts(deployment: Deployment, *phases: str) -> Iterator[Event]:
    """Starts of lasting child processes that no engine recognises and that are no known helpers: the user's own servers and workers."""
    for event in deployment.find(model.PROCESS, phases=phases or model.PHASES):
        launch = event.launch
        if launch is None or launch.engine is not None or launch.waits or launch.program is None:
            continue
        if engines.is_helper_program(launch.program, _drawn(event)) is False:
            yield event


def model_loads(deployment: Deployment, *phases: str) -> Iterator[Event]:
    """In-process model loads."""
    return deployment.find(model.LOAD, phases=phases or model.PHASES)


def brings_up(deployment: Deployment, *phases: str) -> Iterator[Event]:
    """In-process loads and engine starts, in timeline order."""
    for event in deployment.during(*phases):
        if (
            event.kind == model.LOAD
            or (event.kind == model.PROCESS and event.launch is not None and event.launch.engine is not None)
            or (event.kind == model.FORK and event.load is not None)
        ):
            yield event


def may_do(deployment: Deployment, step: str, *phases: str) -> bool:
    """Whether code that could not be read may do this step, judged by its name."""
    wanted = DOES[step]
    return any(
        any(word in event.name.rpartition(".")[2].lower() for word in wanted)
        for event in deployment.find(model.OPAQUE, phases=phases or model.PHASES)
    )


def unread(deployment: Deployment, *phases: str) -> bool:
    """Whether any code of these phases could not be read."""
    return not deployment.resolved or any(True for _ in deployment.find(model.OPAQUE, phases=phases or model.PHASES))


def wants_gpu(event: Event) -> bool | None:
    """Whether a load or engine start puts its model on the GPU; None when unknown."""
    if event.kind in (model.PROCESS, model.FORK):
        return True
    if event.device in ("cuda", "auto"):
        return True
    return False if event.device == "cpu" else None


def confidence(deployment: Deployment, *events: Event) -> Confidence:
    """`LIKELY` when the snapshot option or an event rests on an assumption."""
    likely = deployment.snapshot_likely or any(event.conditional for event in events)
    return Confidence.LIKELY if likely else Confidence.CERTAIN


def engine_of(event: Event) -> Engine | None:
    """The engine of a load or start; None for processes that no engine recognises."""
    name = event.load.engine if event.load is not None else (event.launch.engine if event.launch is not None else None)
    return engines.engine_named(name) if name is not None else None


def title(event: Event) -> str:
    """The engine of a load or start, as people write it."""
    engine = engine_of(event)
    if engine is None:
        return event.launch.program or "the process" if event.launch is not None else "the model"
    return engine.title


def command_site(deployment: Deployment, event: Event) -> Site:
    """The list that holds a start's command, where it stands in the app's own file; else the call."""
    command = event.arguments.get("args", 0)
    if isinstance(command, Sequence) and command.site is not None and command.site.module is deployment.module:
        return command.site
    return event.site


def hands_over(deployment: Deployment, event: Event, step: str) -> bool:
    """Whether code that could not be read runs after `event` in the same phase and may do this step."""
    after = False
    for other in deployment.during(event.phase):
        if other is event:
            after = True
        elif after and other.kind == model.OPAQUE and any(word in other.name.lower() for word in DOES[step]):
            return True
    return False
