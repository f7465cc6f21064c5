"""See engines that only their own container can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.roles import ROUTER, SERVER
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process
    from snapdoctor.engines.engine import Engine

LOOPBACK = ("127.", "[::1]")
SERVING = (SERVER, ROUTER)


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.serves(state)


def check(state: ContainerState) -> Iterator[Sighting]:
    """An engine's server that listens on loopback addresses only, where nobody in the container listens to the outside."""
    listening = [
        (process, socket.local)
        for process in state.processes
        for _, socket in questions.sockets(process)
        if _is_tcp_listener(socket.family, socket.state)
    ]
    if any(not address.startswith(LOOPBACK) for _, address in listening):
        return
    said = set()
    for process, address in listening:
        engine = questions.engine_of(process)
        if engine is not None and process.role in SERVING and process.pid not in said and not _stands_behind(state, process):
            said.add(process.pid)
            yield Sighting(
                process,
                f"{questions.engine_title(process)} listens on {address} only. That is right for a method that asks it from inside; behind "
                "@modal.web_server or @app.server Modal never sees it ready, and the container is ended.",
                f"If a web endpoint of Modal's is to reach it, {_everywhere(engine)}.",
                address,
                severity=Severity.ADVICE,
                confidence=Confidence.LIKELY,
            )


def _stands_behind(state: ContainerState, process: Process) -> bool:
    """Whether another server of the container started it and passes requests on to it."""
    return any(one.role in SERVING for one in questions.above(state, process))


def _everywhere(engine: Engine) -> str:
    flags = engine.names("host")
    return f"start it with {flags[0]} 0.0.0.0" if flags else f"set {engine.host_variable or 'its host'}=0.0.0.0 in its environment"


def _is_tcp_listener(family: str, state: str) -> bool:
    return family in ("inet", "inet6") and state == "listen"
