"""Every RPC that the installed protocol defines, served on loopback by whoever knows an answer.

The servicer is generated from `modal_proto.api_grpc`, so that it fits each release (156 RPCs in modal 1.0.5, 285 in 1.6.4). What nobody answers
is refused with UNIMPLEMENTED and counted by name.
"""

from __future__ import annotations

import collections
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from google.protobuf.message import Message
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.server import Server
from modal_proto.api_grpc import ModalClientBase

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from grpclib.server import Stream

Kind = TypeVar("Kind", bound=Message)
LOOPBACK = "127.0.0.1"


class Call(NamedTuple):
    """One RPC as it came."""

    at: float
    """`time.monotonic()`."""
    name: str


class Service:
    """A running control plane: `answers` are objects whose methods are named after RPCs, the first that has one answers."""

    def __init__(self, *answers: object) -> None:
        self.answers = answers
        self.calls: list[Call] = []
        self.refused: collections.Counter[str] = collections.Counter()
        self.url = ""
        self._servers: list[Server] = []

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        server = Server([_servicer(self)])
        await server.start(LOOPBACK, 0)
        self._servers.append(server)
        listening: Any = server._server
        self.url = f"http://{LOOPBACK}:{listening.sockets[0].getsockname()[1]}"

    async def listen_at(self, path: Path) -> str:
        """Listen on a unix socket too; its URL as a client of Modal takes it."""
        server = Server([_servicer(self)])
        await server.start(path=str(path))
        self._servers.append(server)
        return f"unix://{path}"

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        for server in self._servers:
            server.close()
            await server.wait_closed()
        self._servers.clear()

    def is_connected(self) -> bool:
        """Whether anybody holds a connection to it."""
        return any(not handler.closing for server in self._servers for handler in server._handlers)

    def _answer(self, name: str) -> Callable[[Any], Awaitable[Message]] | None:
        for one in self.answers:
            found: Callable[[Any], Awaitable[Message]] | None = getattr(one, name, None)
            if found is not None:
                return found
        return None

    async def _serve(self, name: str, stream: Stream[Any, Any]) -> None:
        request = await stream.recv_message()
        self.calls.append(Call(time.monotonic(), name))
        answer = self._answer(name)
        if answer is None:
            self.refused[name] += 1
            raise GRPCError(Status.UNIMPLEMENTED, f"{name} is not part of a rehearsal, which has no platform behind it")
        made: Any = answer(request)
        if hasattr(made, "__aiter__"):
            async for message in made:
                await stream.send_message(message)
        else:
            await stream.send_message(await made)


def _servicer(service: Service) -> Any:
    def method(name: str) -> Any:
        async def serve(_: object, stream: Stream[Any, Any]) -> None:
            await service._serve(name, stream)

        return serve

    names: frozenset[str] = ModalClientBase.__abstractmethods__
    return type("ControlPlane", (ModalClientBase,), {name: method(name) for name in names})()


def message(kind: type[Kind], **values: Any) -> Kind:
    """A message with those of these fields that the installed protocol knows; None leaves a field out."""
    known = {field.name for field in kind.DESCRIPTOR.fields}
    return kind(**{name: value for name, value in values.items() if name in known and value is not None})


def has_field(kind: type[Message], name: str) -> bool:
    """Whether the installed protocol knows this field."""
    return name in kind.DESCRIPTOR.fields_by_name
