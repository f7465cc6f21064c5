"""See Modal's runtime give up on a server that only its own container can reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import Process
    from snapdoctor.rehearsal.model import Rehearsal

# modal 1.2 to 1.6, _runtime/asgi.py: wait_for_web_server.
GAVE_UP = re.compile(r"Waited too long for port (\d+)")


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """The web server's port was never reached, and at the capture a process listened to it on a loopback address."""
    gave_up = GAVE_UP.search(rehearsal.failure.what) if rehearsal.failure is not None else None
    if gave_up is None or rehearsal.state is None:
        return
    for process in rehearsal.state.processes:
        address = _loopback(process, gave_up[1])
        if address:
            yield Observation(
                f"{process.title} listens on {address} only, and Modal's runtime waited for port {gave_up[1]} from outside until its time was up: no "
                f"container of {rehearsal.deployment} becomes ready.",
                "Bind the server to 0.0.0.0 (--host 0.0.0.0, or the engine's variable for it).",
                process=(process.pid, " ".join(process.command)),
            )


def _loopback(process: Process, port: str) -> str:
    """The loopback address on which the process listens to this port; empty: there is none, or it listens to others as well."""
    heard = [
        socket.local for _, socket in questions.sockets(process) if socket.state == "listen" and socket.local.rpartition(":")[2] == port
    ]
    return heard[0] if heard and all(address.startswith(("127.", "[::1]")) for address in heard) else ""
