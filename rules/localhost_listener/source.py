"""Servers on the loopback interface behind a Modal web endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_of, engine_starts, title, words_of
from snapdoctor.app.values import constant
from snapdoctor.engines.command import role
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.engines.engine import Engine

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for an engine that listens on loopback at the very port that Modal watches."""
    port = _watched(deployment)
    if port is None:
        return
    for event in engine_starts(deployment, model.BEFORE, model.AFTER):
        engine = engine_of(event)
        if event.launch is None or event.launch.open or engine is None or any(word is None for word in words_of(event)):
            continue
        host, listening = _address(deployment, event, engine)
        flags = engine.names("host")
        if host in LOOPBACK and listening == port:
            yield Hazard(
                event.site,
                f"{title(event)} listens on {host}:{port} only, so {deployment.name} never sees its web server ready and the start times out.",
                f"Add {flags[0]} 0.0.0.0 to the command." if flags else f"Set {engine.host_variable}=0.0.0.0 in the image's environment.",
                confidence=confidence(deployment, event),
                event=event,
            )


def _watched(deployment: Deployment) -> int | None:
    if deployment.kind == "server":
        own = deployment.option("port")
        return 8000 if own.given is False else (own.value if isinstance(own.value, int) else None)
    hook = next((hook for hook in deployment.hooks if hook.kind == "web_server"), None)
    known = constant(hook.arguments.get("port", 0)) if hook is not None else None
    return known if isinstance(known, int) else None


def _address(deployment: Deployment, event: Event, engine: Engine) -> tuple[str | None, int | None]:
    """Host and port as the command line, then the environment, then the engine's defaults say them; None where unknown."""
    host, port = engine.default_host, engine.default_port
    if event.launch is None:
        return None, None
    told_host, told_port = role(event.launch, "host"), role(event.launch, "port")
    if engine.host_variable is not None and told_host.present is False:
        host, port = _of_variable(deployment, event, engine.host_variable, host, port)
    if told_host.present is not False:
        # ComfyUI's --listen without a value means every address.
        host = told_host.value if told_host.value and not told_host.value.startswith("-") else "0.0.0.0"
    if told_port.present is not False:
        port = int(told_port.value) if told_port.value is not None and told_port.value.isdigit() else None
    return host, port


def _of_variable(deployment: Deployment, event: Event, name: str, host: str | None, port: int | None) -> tuple[str | None, int | None]:
    setting = deployment.environment(name, event)
    if setting.given is False:
        return host, port
    if setting.given is not True or not isinstance(setting.value, str):
        return None, None
    address, colon, number = setting.value.rpartition("//")[2].partition(":")
    return address, int(number) if colon and number.isdigit() else port
