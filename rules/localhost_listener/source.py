"""Servers on the loopback interface behind a Modal web endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor import engines
from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_starts, title, words_of
from snapdoctor.app.values import constant
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

LOOPBACK = ("127.0.0.1", "localhost", "::1")
HOST_FLAGS = ("--host", "--hostname", "--server-name", "--listen")
PORT_FLAGS = ("--port", "-p")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for an engine that listens on loopback at the very port that Modal watches."""
    port = _watched(deployment)
    if port is None:
        return
    for event in engine_starts(deployment, model.BEFORE, model.AFTER):
        if event.launch is None or event.launch.open or event.launch.engine is None or any(word is None for word in words_of(event)):
            continue
        engine = engines.engine_named(event.launch.engine)
        host, listening = _address(event, engine.default_host, engine.default_port, deployment)
        if host in LOOPBACK and listening == port:
            yield Hazard(
                event.site,
                f"{title(event)} listens on {host}:{port} only, so {deployment.name} never sees its web server ready and the start times out.",
                "Add --host 0.0.0.0 to the command." if engine.name != "ollama" else "Set OLLAMA_HOST=0.0.0.0 in the image's environment.",
                confidence=confidence(deployment, event),
            )


def _watched(deployment: Deployment) -> int | None:
    if deployment.kind == "server":
        own = deployment.option("port")
        return 8000 if own.given is False else (own.value if isinstance(own.value, int) else None)
    hook = next((hook for hook in deployment.hooks if hook.kind == "web_server"), None)
    known = constant(hook.arguments.get("port", 0)) if hook is not None else None
    return known if isinstance(known, int) else None


def _address(event: Event, host: str | None, port: int | None, deployment: Deployment) -> tuple[str | None, int | None]:
    words = words_of(event)
    found_host, found_port = host, port
    for index, word in enumerate(words):
        flag, equals, value = (word or "").partition("=")
        following = value if equals else (words[index + 1] if index + 1 < len(words) else None)
        if flag in HOST_FLAGS:
            found_host = following if following and not following.startswith("-") else "0.0.0.0"
        elif flag in PORT_FLAGS and following is not None and following.isdigit():
            found_port = int(following)
    if event.launch is not None and event.launch.engine == "ollama":
        return _ollama(deployment, event, found_host, found_port)
    if event.launch is not None and event.launch.engine == "llama-server":
        found_host = _overridden(deployment, event, "LLAMA_ARG_HOST", found_host)
    return found_host, found_port


def _overridden(deployment: Deployment, event: Event, name: str, host: str | None) -> str | None:
    setting = deployment.environment(name, event)
    if setting.given is False:
        return host
    return setting.value if setting.given and isinstance(setting.value, str) else None


def _ollama(deployment: Deployment, event: Event, host: str | None, port: int | None) -> tuple[str | None, int | None]:
    setting = deployment.environment("OLLAMA_HOST", event)
    if setting.given is False:
        return host, port
    if setting.given is not True or not isinstance(setting.value, str):
        return None, None
    address = setting.value.rpartition("//")[2]
    name, colon, number = address.partition(":")
    return name, int(number) if colon and number.isdigit() else port
