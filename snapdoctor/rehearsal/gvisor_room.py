"""A container under runsc, from inside its room."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from snapdoctor.rehearsal.gvisor import flags
from snapdoctor.rehearsal.room import BROKEN, LONGEST, Done, ran

if TYPE_CHECKING:
    import signal
    from pathlib import Path


class Gvisor:
    """A `room.Engine`: the container of `folder/bundle`.

    It has a name of its own until it is saved, and another when it is restored: runsc does not use a name again. Both are unique on this
    machine, where sandboxes are also known by the name of an abstract socket (runsc of 2022).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"{folder.parent.name}-captured"
        self.is_saved = False
        self.is_back = asyncio.Event()

    async def live(self) -> int:
        """Start it, and wait for its end."""
        done = await self._runsc("run", "--detach", "--bundle", str(self.folder / "bundle"), self.name, inherits=True)
        if done.status != 0:
            sys.stderr.write(f"snapdoctor: the sandbox could not be started: {done.error or self._complaint()}\n")
            return BROKEN
        while True:
            ended = await self._runsc("wait", self.name, seconds=float("inf"))
            if not self.is_saved:
                await self._runsc("delete", "--force", self.name)
                return _status(ended)
            await self.is_back.wait()
            self.is_saved = False

    async def save(self, image: Path) -> str:
        """`runsc checkpoint`."""
        self.is_saved = True
        done = await self._runsc("checkpoint", "--image-path", str(image), self.name)
        if done.status == 0:
            await self._runsc("delete", "--force", self.name)
            return ""
        self.is_saved = False
        return done.error.strip() or self._complaint()

    async def restore(self, image: Path) -> str:
        """`runsc restore`, under another name."""
        self.name = f"{self.folder.parent.name}-restored"
        done = await self._runsc(
            "restore", "--detach", "--bundle", str(self.folder / "bundle"), "--image-path", str(image), self.name, inherits=True
        )
        self.is_back.set()
        return "" if done.status == 0 else self._complaint()

    async def execute(self, command: list[str]) -> Done:
        """Run a second program in the sandbox."""
        return await self._runsc("exec", self.name, *command)

    async def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process 1."""
        await self._runsc("kill", self.name, number.name.removeprefix("SIG"))

    async def _runsc(self, *arguments: str, inherits: bool = False, seconds: float = LONGEST) -> Done:
        return await ran(
            "runsc", *flags(str(self.folder / "state"), str(self.folder / "log")), *arguments, inherits=inherits, seconds=seconds
        )

    def _complaint(self) -> str:
        """The last thing that runsc wrote to its own log."""
        try:
            lines = (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "runsc said nothing"
        return next((said for line in reversed(lines) if (said := _message(line))), "runsc said nothing")


def _message(line: str) -> str:
    """The message of one line of runsc's log, which is JSON unless two processes wrote at once."""
    try:
        return str(json.loads(line).get("msg", ""))
    except (ValueError, AttributeError):
        return ""


def _status(ended: Done) -> int:
    try:
        return int(json.loads(ended.output)["exitStatus"])
    except (ValueError, KeyError, TypeError):
        return BROKEN
