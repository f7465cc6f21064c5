"""See engines that cannot answer yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.container.roles import SERVER
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process, Socket


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.serves(state)


def check(state: ContainerState) -> Iterator[Sighting]:
    """An engine's server that listens nowhere, nor does anybody that it has started. (One that listens may be loading all the same.)"""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        if process.role != SERVER or process.state == "zombie":
            continue
        family = (process, *questions.below(state, process))
        if any(_is_hidden(state, one) for one in family) or any(_answers(socket) for one in family for _, socket in questions.sockets(one)):
            continue
        yield Sighting(
            process,
            f"{questions.engine_title(process)} does not listen yet, so it is still starting. Captured now, every restored container goes on "
            "with the rest of the start, and requests fail until then.",
            "Wait in the same hook until its health route answers 200, then warm it up.",
        )


def _answers(socket: Socket) -> bool:
    """Whether requests can come in here: over the network, or a UNIX socket that is named like one (llama-server's `--host x.sock`)."""
    return socket.state == "listen" and (socket.family in ("inet", "inet6") or socket.local.endswith(".sock"))


def _is_hidden(state: ContainerState, process: Process) -> bool:
    """Whether its sockets could not be seen in full."""
    unlisted = any(descriptor.kind == "socket" and descriptor.socket is None for descriptor in process.descriptors)
    return unlisted or questions.unseen(state, process, "descriptors", "process tree")
