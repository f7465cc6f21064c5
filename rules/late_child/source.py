"""Front ends captured before they have loaded anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_of, engine_starts, may_do, title, words_of
from snapdoctor.engines.command import role
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

LOADING = ("run", "pull-and-run")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for Ollama, or llama-server in router mode, that gets no request before the capture."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in engine_starts(deployment, model.BEFORE):
        if not _is_lazy(deployment, event) or _is_asked(deployment, event) or may_do(deployment, model.WARMUP, model.BEFORE):
            continue
        yield Hazard(
            event.site,
            f"{title(event)} loads no model until the first request, and {deployment.name} makes none before the snapshot: the snapshot holds an empty server.",
            "Send one real request for the model before the hook ends"
            + (", with keep_alive=-1 so that it stays loaded." if _starts_late(event) else "."),
            confidence=confidence(deployment, event),
        )


def _starts_late(event: Event) -> bool:
    engine = engine_of(event)
    return engine is not None and engine.lazy_child


def _is_lazy(deployment: Deployment, event: Event) -> bool:
    if _starts_late(event):
        return True
    launch = event.launch
    if launch is None or launch.engine != "llama-server" or launch.open:
        return False
    if role(launch, "router").present is True:
        return True
    unset = (
        deployment.environment("LLAMA_ARG_MODEL", event).given is False
        and deployment.environment("LLAMA_ARG_HF_REPO", event).given is False
    )
    return role(launch, "model").present is False and unset and launch.program == "llama-server"


def _is_asked(deployment: Deployment, event: Event) -> bool:
    for other in deployment.during(model.BEFORE):
        if other.purpose == model.WARMUP or other.kind == model.INFERENCE:
            return True
        if (
            other.kind == model.PROCESS
            and other.launch is not None
            and other.launch.program == "ollama"
            and any(word in LOADING for word in words_of(other))
        ):
            return True
        if other.name.startswith("ollama."):
            return True
    return False
