"""The process around a sandboxed container; run as `python -m snapdoctor.rehearsal.room FOLDER`.

It starts the container of `FOLDER/bundle` under runsc, and saves, restores and enters it as it is told on the socket `FOLDER/orders`: one line of
JSON each way. It lives in a mount namespace of its own, so that nothing of runsc stays mounted, and ends with the container's own status.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from snapdoctor.rehearsal import mounting
from snapdoctor.rehearsal.gvisor import flags

LONGEST = 600.0
"""Seconds for one command of runsc."""
LINE = 64 << 20


class Done(NamedTuple):
    """How a command ended."""

    status: int
    output: str
    error: str


class Room:
    """One container, under a name of its own until it is saved, and under another when it is restored: runsc does not use a name again.

    Both are unique on this machine, where sandboxes are also known by the name of an abstract socket (runsc of 2022).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"{folder.parent.name}-captured"
        self.saved = False
        self.again = asyncio.Event()

    async def runsc(self, *arguments: str, inherits: bool = False, seconds: float = LONGEST) -> Done:
        """One command; `inherits`: its output is the container's own, and goes where ours goes."""
        pipe = None if inherits else asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "runsc", *flags(str(self.folder / "state"), str(self.folder / "log")), *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=LINE,
        )  # fmt: skip
        try:
            output, error = await asyncio.wait_for(process.communicate(), seconds)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            return Done(-1, "", f"runsc {arguments[0]} did not end within {seconds:g} s")
        return Done(process.returncode or 0, (output or b"").decode("utf-8", "replace"), (error or b"").decode("utf-8", "replace"))

    async def live(self) -> int:
        """Start it, and wait until it has ended for good; its status."""
        done = await self.runsc("run", "--detach", "--bundle", str(self.folder / "bundle"), self.name, inherits=True)
        if done.status != 0:
            sys.stderr.write(f"snapdoctor: the sandbox could not be started: {done.error or self.complaint()}\n")
            return 125
        while True:
            ended = await self.runsc("wait", self.name, seconds=float("inf"))
            if not self.saved:
                return _status(ended)
            await self.again.wait()
            self.saved = False

    async def save(self, _: Any) -> dict[str, Any]:
        """Save the container to disk, which ends it."""
        began = time.monotonic()
        image = self.folder / "image"
        image.mkdir()
        self.saved = True
        done = await self.runsc("checkpoint", "--image-path", str(image), self.name)
        seconds = time.monotonic() - began
        if done.status != 0:
            self.saved = False
            return {"error": done.error.strip() or self.complaint(), "seconds": seconds}
        await self.runsc("delete", "--force", self.name)
        return {"error": "", "seconds": seconds, "image": sum(file.stat().st_size for file in image.iterdir())}

    async def restore(self, _: Any) -> dict[str, Any]:
        """Start it from the image."""
        began = time.monotonic()
        self.name = f"{self.folder.parent.name}-restored"
        done = await self.runsc(
            "restore", "--detach", "--bundle", str(self.folder / "bundle"), "--image-path", str(self.folder / "image"), self.name,
            inherits=True,
        )  # fmt: skip
        self.again.set()
        return {"error": "" if done.status == 0 else self.complaint(), "seconds": time.monotonic() - began}

    async def execute(self, command: Any) -> dict[str, Any]:
        """Run a second program in the container."""
        done = await self.runsc("exec", self.name, *command)
        return {"status": done.status, "output": done.output, "error": done.error}

    async def signal(self, name: Any) -> dict[str, Any]:
        """Send a signal to the container's first process."""
        done = await self.runsc("kill", self.name, name)
        return {"error": done.error if done.status else ""}

    def complaint(self) -> str:
        """The last thing that runsc wrote to its own log."""
        try:
            lines = (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return next((said for line in reversed(lines) if (said := _message(line))), "")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Orders, one at a time: `[verb, argument]`."""
        orders = {"save": self.save, "restore": self.restore, "execute": self.execute, "signal": self.signal}
        while line := await reader.readline():
            verb, argument = json.loads(line)
            answer = await orders[verb](argument)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()


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
        return 125


async def main(folder: Path) -> int:
    """Live one container's life; its status."""
    mounting.enter()
    mounting.mount_tree("/", str(folder / "root"))
    room = Room(folder)
    server = await asyncio.start_unix_server(room.serve, folder / "orders", limit=LINE)
    async with server:
        status = await room.live()
        await room.runsc("delete", "--force", room.name)
        return status


if __name__ == "__main__":
    status = asyncio.run(main(Path(sys.argv[1])))
    os._exit(status if 0 <= status < 256 else 125)
