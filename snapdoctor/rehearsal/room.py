"""The process around a container that is saved and restored; run as `python -m snapdoctor.rehearsal.room ENGINE FOLDER`.

It starts the container, and saves, restores, enters and signals it as it is told on the socket `FOLDER/orders`: one line of JSON each way. It
lives in a mount namespace of its own, so that nothing stays mounted, and ends with the container's own status.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from snapdoctor.rehearsal import mounting

LONGEST = 600.0
"""Seconds for one command of an engine."""
LINE = 64 << 20
BROKEN = 125
"""The status where the container could not be started, or how it ended is not known."""


class Done(NamedTuple):
    """How a command ended."""

    status: int
    output: str
    error: str


class Saving(NamedTuple):
    """How a save or a restore ended."""

    error: str
    """The engine's own words; empty: it succeeded."""
    seconds: float
    image: int = 0
    """Bytes on disk."""


class Engine(Protocol):
    """What saves and restores one container."""

    async def live(self) -> int:
        """Start the container and wait until it has ended for good, over a save and a restore; its status."""

    async def save(self, image: Path) -> str:
        """Save the container to a folder, which ends it; the engine's own words where it could not, else empty."""

    async def restore(self, image: Path) -> str:
        """Start it from there; the engine's own words where it could not, else empty."""

    async def execute(self, command: list[str]) -> Done:
        """Run a second program beside the container."""

    async def signal(self, number: signal.Signals) -> None:
        """Send a signal to the container's first process."""


async def ran(*command: str, inherits: bool = False, seconds: float = LONGEST) -> Done:
    """One command; `inherits`: its output goes where ours goes, which is where the container's goes."""
    pipe = None if inherits else asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=LINE)
    try:
        output, error = await asyncio.wait_for(process.communicate(), seconds)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return Done(-1, "", f"{command[0]} did not end within {seconds:g} s")
    return Done(process.returncode or 0, (output or b"").decode("utf-8", "replace"), (error or b"").decode("utf-8", "replace"))


async def _save(engine: Engine, image: Path) -> Saving:
    image.mkdir()
    began = time.monotonic()
    error = await engine.save(image)
    seconds = time.monotonic() - began
    return Saving(error, seconds, 0 if error else sum(file.stat().st_size for file in image.iterdir()))


async def _restore(engine: Engine, image: Path) -> Saving:
    began = time.monotonic()
    error = await engine.restore(image)
    return Saving(error, time.monotonic() - began)


async def _obey(engine: Engine, image: Path, verb: str, argument: Any) -> dict[str, Any]:
    if verb == "execute":
        return (await engine.execute(argument))._asdict()
    if verb == "signal":
        await engine.signal(signal.Signals(argument))
        return {}
    return (await (_save if verb == "save" else _restore)(engine, image))._asdict()


async def live(engine: Engine, folder: Path) -> int:
    """Obey orders, one at a time, until the container has ended; its status."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled when the container has ended, which asyncio would tell as an error.
        with contextlib.suppress(asyncio.CancelledError):
            while line := await reader.readline():
                verb, argument = json.loads(line)
                writer.write(json.dumps(await _obey(engine, folder / "image", verb, argument)).encode() + b"\n")
                await writer.drain()

    server = await asyncio.start_unix_server(serve, folder / "orders", limit=LINE)
    async with server:
        return await engine.live()


def main(name: str, folder: Path) -> int:
    """Live one container's life with the engine of this name; its status."""
    mounting.enter()
    if name == "gvisor":
        from snapdoctor.rehearsal.gvisor_room import Gvisor

        mounting.mount_tree("/", str(folder / "root"))
        return asyncio.run(live(Gvisor(folder), folder))
    from snapdoctor.rehearsal.criu_room import Criu, in_pid_namespace

    return in_pid_namespace(lambda: asyncio.run(live(Criu(folder), folder)))


if __name__ == "__main__":
    status = main(sys.argv[1], Path(sys.argv[2]))
    os._exit(status if 0 <= status < 256 else BROKEN)
