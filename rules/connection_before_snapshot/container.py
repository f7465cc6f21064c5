"""See connections that lead out of the container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.container.runtimes import GVISOR, OUTSIDE_CONNECTION, refused
from snapdoctor.finding import Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process, Socket

SERVER = "MODAL_SERVER_URL"
DEAD = "Connections to the outside do not survive a restore: its next use fails, often only in the first request."
REFUSED = "The gVisor that runs this container is of before October 2024 and cannot save that, and the capture fails as a whole."


def check(state: ContainerState) -> Iterator[Sighting]:
    """Established connections whose other end is outside; Modal's runtime closes its own before the capture."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    main = questions.main_process(state)
    for process in state.processes:
        for _, socket in questions.sockets(process):
            if socket.state != "established" or socket.outside is not True or (process.pid == main.pid and _is_modals(main, socket)):
                continue
            if socket.family == "unix":
                yield Sighting(
                    process,
                    f"{process.title} is connected to a UNIX socket{f' ({socket.local})' if socket.local else ''} whose other end is in no process "
                    "that will be captured: after a restore it is closed, or silent.",
                    "Close it before the hook ends and connect again in @modal.enter(snap=False).",
                    socket.local,
                )
            else:
                refuses = state.runtime.kind == GVISOR and refused(state.runtime, OUTSIDE_CONNECTION)
                yield Sighting(
                    process,
                    f"{process.title} is connected to {socket.remote}. {REFUSED if refuses else DEAD}",
                    "Close it before the hook ends, and connect in @modal.enter(snap=False) or at the first use.",
                    socket.remote,
                    severity=Severity.ERROR if refuses else None,
                )


def _is_modals(main: Process, socket: Socket) -> bool:
    """Whether it may be the runtime's own connection to Modal, which it closes itself (modal 1.6.4, Client._close before the snapshot)."""
    server = questions.variable(main, SERVER)
    if server is None:
        return False
    if server.startswith("unix:"):
        return socket.family == "unix"
    port = server.rpartition(":")[2].strip("/")
    return socket.remote.rpartition(":")[2] == (port if port.isdigit() else "443")
