"""A container in a room: really saved to disk, ended, and restored from there. What gVisor and CRIU have in common."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor import looking
from snapdoctor.container.document import from_data
from snapdoctor.looking import LookFailed
from snapdoctor.rehearsal.keeping import Kept
from snapdoctor.rehearsal.mark import MARK
from snapdoctor.rehearsal.model import Saved
from snapdoctor.rehearsal.place import STEP, Asked, Captured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snapdoctor.container.model import ContainerState

LINE = 64 << 20
LONGEST_TEXT = 600
PID = "<pid>"
"""Stands for the container's pid where only the room knows it."""
SHARED, ROOM = "container", "room"
"""Folders of the scratch folder: what the container sees of it, and what only the room does."""


class NoEngine(Exception):
    """Nothing can save a container here; the text says why and what to do."""


class Engine(NamedTuple):
    """An installed engine."""

    name: str
    """`gVisor` or `CRIU`."""
    version: str
    is_modals: bool
    """Whether it refuses only what Modal's refuses too, as far as is known."""


class Roomed:
    """Most of a `place.Place`; `folder` is removed at the end."""

    def __init__(self, engine: Engine, folder: Path, notes: tuple[str, ...]) -> None:
        self.engine = engine
        self.folder = folder
        self.notes = notes
        self.kept = Kept()
        self.wall: float | None = time.time() - time.monotonic()
        self._orders: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def room(self) -> Path:
        """The folder that only the room sees."""
        return self.folder / ROOM

    async def open_room(self, binds: Sequence[tuple[str, str]], show: Callable[[bytes], None] | None) -> None:
        """Start the room, and the container in it; raises `NoEngine`."""
        command = [sys.executable, "-m", "snapdoctor.rehearsal.room", self.engine.name.lower(), str(self.room)]
        own = {**os.environ, MARK: self.folder.name}
        await self.kept.start(command, own, Path.cwd(), binds=binds, scratch=str(self.folder), show=show)
        while self._orders is None and not self.kept.has_ended:
            with contextlib.suppress(OSError):
                self._orders = await asyncio.open_unix_connection(self.room / "orders", limit=LINE)
            await asyncio.sleep(STEP)
        if self._orders is None:
            raise NoEngine(f"{self.engine.name} could not start the container: {self.kept.text().strip()[-LONGEST_TEXT:]}")

    async def look_at(self, pid: str, without: str) -> ContainerState:
        """The state of a tree as a program sees it that runs beside the container; raises `looking.LookFailed`."""
        said = await self._ask("execute", looking.command("state", pid, without))
        if said["status"] != 0:
            raise LookFailed((said["error"].strip().splitlines() or ["it gave no reason"])[-1])
        return from_data(looking.answer(said["output"])["state"])

    async def capture(self, state: ContainerState | None, go_on: Callable[[], None]) -> Captured:
        """Save the whole container, which ends it, and restore it."""
        saved = await self._ask("save")
        if saved["error"]:
            return self._failed("save", saved, None, 0.0)
        go_on()
        restored = await self._ask("restore")
        if restored["error"]:
            return self._failed("restore", restored, saved["image"], saved["seconds"])
        return Captured(None, Saved(*self.engine, "", "", saved["image"], saved["seconds"], restored["seconds"]))

    def reason(self, said: str) -> str:
        """The cause in the engine's own words."""
        return said[:LONGEST_TEXT]

    async def ask(self, address: str, port: int, path: str, seconds: float) -> Asked | None:
        """From beside the container: nothing outside may reach it."""
        said = await self._ask("execute", [sys.executable, "-m", "snapdoctor.rehearsal.place", address, str(port), path, str(seconds)])
        if said["status"] != 0:
            raise LookFailed(f"the request could not be sent: {said['error'].strip()[-LONGEST_TEXT:] or 'it was not said why'}")
        answer = json.loads(said["output"])
        return Asked(*answer) if answer is not None else None

    async def terminate(self) -> None:
        """Send SIGTERM."""
        await self._ask("signal", signal.SIGTERM)

    def _failed(self, step: str, said: dict[str, Any], image: int | None, seconds: float) -> Captured:
        took = (said["seconds"], 0.0) if step == "save" else (seconds, said["seconds"])
        return Captured(None, Saved(*self.engine, step, self.reason(said["error"]), image, *took))

    async def _ask(self, verb: str, argument: Any = None) -> dict[str, Any]:
        """An answer of the room; where it is gone, one that says so."""
        assert self._orders is not None
        reader, writer = self._orders
        try:
            writer.write(json.dumps([verb, argument]).encode() + b"\n")
            line = await reader.readline()
        except OSError:
            line = b""
        if not line:
            return {"status": -1, "output": "", "error": "the container has ended", "seconds": 0.0}
        said: dict[str, Any] = json.loads(line)
        return said
