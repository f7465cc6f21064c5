"""A container in a sandbox of gVisor, which is really saved to disk, ended, and restored from there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snapdoctor import looking
from snapdoctor.container.document import from_data
from snapdoctor.container.runtimes import MODAL
from snapdoctor.looking import LookFailed
from snapdoctor.rehearsal.gvisor import NoSandbox, Runsc, configuration, reason
from snapdoctor.rehearsal.keeping import Kept
from snapdoctor.rehearsal.mark import MARK
from snapdoctor.rehearsal.model import Saved
from snapdoctor.rehearsal.place import STEP, Asked, Captured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from snapdoctor.container.model import ContainerState

LINE = 64 << 20
LONGEST_SOCKET = 107
"""Bytes of a unix socket's path (unix(7))."""
NO_GPU = "the sandbox has no GPU: what needs one fails in it, and no CUDA state is saved"
SHARED, ROOM = "container", "room"
"""Folders of the scratch folder: what the container sees of it, and what only the room does."""


class Sandboxed:
    """A `place.Place`; `folder` is removed at the end."""

    def __init__(self, runsc: Runsc, folder: Path, wants_gpu: bool) -> None:
        self.runsc = runsc
        self.folder = folder
        self.kept = Kept()
        self.wall: float | None = time.time() - time.monotonic()
        self.notes = (*_age(runsc), *((NO_GPU,) if wants_gpu else ()))
        self._orders: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        binds: Sequence[tuple[str, str]],
        show: Callable[[bytes], None] | None,
    ) -> None:
        """Start the room, and the container in it."""
        room = self.folder / ROOM
        for name in ("bundle", "root", "state"):
            (room / name).mkdir(parents=True)
        shared = str(self.folder / SHARED)
        whole = configuration(command, environment, str(folder), str(room / "root"), [*binds, (shared, shared)])
        (room / "bundle" / "config.json").write_text(json.dumps(whole), encoding="utf-8")
        own = {**os.environ, MARK: self.folder.name}
        await self.kept.start(
            [sys.executable, "-m", "snapdoctor.rehearsal.room", str(room)], own, Path.cwd(), scratch=str(self.folder), show=show
        )
        await self._connect(room / "orders")

    async def look(self) -> ContainerState:
        """From inside, as a program of the container."""
        said = await self._ask("execute", looking.command("state", "", looking.ITSELF))
        if said["status"] != 0:
            raise LookFailed(f"runsc exec failed: {(said['error'].strip().splitlines() or ['no reason given'])[-1]}")
        return from_data(looking.answer(said["output"])["state"])

    async def capture(self, state: ContainerState | None, go_on: Callable[[], None]) -> Captured:
        """Save the whole container, which ends it, and restore it."""
        saved = await self._ask("save")
        if saved["error"]:
            return Captured(
                None,
                Saved("gVisor", self.runsc.version, is_recent(self.runsc), "save", reason(saved["error"]), None, saved["seconds"], 0.0),
            )
        go_on()
        restored = await self._ask("restore")
        failed, error = ("restore", reason(restored["error"])) if restored["error"] else ("", "")
        return Captured(
            None,
            Saved(
                "gVisor", self.runsc.version, is_recent(self.runsc), failed, error, saved["image"], saved["seconds"], restored["seconds"]
            ),
        )

    async def ask(self, address: str, port: int, path: str, seconds: float) -> Asked | None:
        """From inside: nothing outside reaches the sandbox."""
        command = [sys.executable, "-m", "snapdoctor.rehearsal.place", address, str(port), path, str(seconds)]
        said = await self._ask("execute", command)
        if said["status"] != 0:
            raise LookFailed(f"the request could not be sent: {said['error'].strip()[-300:]}")
        answer = json.loads(said["output"])
        return Asked(*answer) if answer is not None else None

    async def terminate(self) -> None:
        """Send SIGTERM."""
        await self._ask("signal", "TERM")

    async def _connect(self, path: Path) -> None:
        while self._orders is None and not self.kept.has_ended:
            with contextlib.suppress(OSError):
                self._orders = await asyncio.open_unix_connection(path, limit=LINE)
            await asyncio.sleep(STEP)
        if self._orders is None:
            raise NoSandbox(f"the sandbox could not be started: {self.kept.text().strip()[-600:]}")

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


def is_recent(runsc: Runsc) -> bool:
    """Whether it is as new as Modal's most likely is."""
    return runsc.month >= MODAL


def _age(runsc: Runsc) -> tuple[str, ...]:
    if not runsc.month or is_recent(runsc):
        return ()
    return (f"this runsc is of {runsc.month}, Modal's most likely of {MODAL} or newer, which may save what this one refuses",)
