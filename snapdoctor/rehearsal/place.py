"""Where a container is rehearsed: as a process of this machine (`bare`), or in a sandbox (`sandboxed`); what both can be asked to do."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.keeping import Kept
    from snapdoctor.rehearsal.model import Checkpoint, Saved

STEP = 0.005


class Launch(NamedTuple):
    """What a container is started with."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    """Its working directory."""
    binds: Sequence[tuple[str, str]]
    """(folder of this machine, mount path)."""
    show: Callable[[bytes], None] | None
    """Gets its output as it comes."""


class Captured(NamedTuple):
    """What a capture did."""

    checkpoint: Checkpoint | None = None
    saved: Saved | None = None


class Asked(NamedTuple):
    """The answer of a server."""

    status: str
    """`200 OK`: its status line without the protocol."""
    seconds: float
    """From the first try until then."""


class Place(Protocol):
    """One container's place; `start` comes first."""

    kept: Kept
    wall: float | None
    """What lies between the wall clock and our `time.monotonic()`, where the container has a monotonic clock of its own."""
    notes: tuple[str, ...]
    """What is otherwise in it than on Modal."""

    async def start(self, launch: Launch) -> None:
        """Start the container."""

    async def look(self) -> ContainerState:
        """Its state, now; raises `looking.LookFailed`."""

    async def capture(self, state: ContainerState | None, go_on: Callable[[], None]) -> Captured:
        """Take the snapshot and bring it back; `go_on` tells the container that it was restored. Not called where the snapshot failed."""

    async def ask(self, address: str, port: int, path: str, seconds: float) -> Asked | None:
        """Ask a server of the container for a page until it answers; None: its port did not open in that time.

        Raises `looking.LookFailed` where nobody could ask.
        """

    async def terminate(self) -> None:
        """Send SIGTERM to the container's first process."""


async def asked(address: str, port: int, path: str, seconds: float) -> Asked | None:
    """One request, as Modal's proxy would send it."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            reader, writer = await asyncio.open_connection(address, port)
        except OSError:
            await asyncio.sleep(STEP)
            continue
        writer.write(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        line = (await reader.readline()).decode("utf-8", "replace").strip()
        writer.close()
        return Asked(line.split(" ", 1)[1] if " " in line else line, time.monotonic() - began)
    return None


if __name__ == "__main__":
    print(json.dumps(asyncio.run(asked(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])))))
