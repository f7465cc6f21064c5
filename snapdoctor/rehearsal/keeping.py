"""Starting a command below a keeper, from the rehearsal's side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor.rehearsal.keeper import become_subreaper, below
from snapdoctor.rehearsal.mark import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

CHUNK = 1 << 16
STEP = 0.005
# What is kept of the output for the report.
TAIL = 1 << 20


class Ended(NamedTuple):
    """How a command ended."""

    status: int | None
    """Exit code, negative for a signal; None: it was ended from here."""
    survivors: tuple[str, ...]
    """Processes that outlived it (`pid command`)."""


class Kept:
    """A command and everything it starts, none of which outlives this object's owner."""

    def __init__(self) -> None:
        self.pid = 0
        self.output = bytearray()
        self._scratch = ""
        self._process: asyncio.subprocess.Process | None = None
        self._ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        binds: Sequence[tuple[str, str]] = (),
        scratch: str = "",
        show: Callable[[bytes], None] | None = None,
    ) -> None:
        """Start it with `binds` (source, target) mounted for it alone; `scratch` is a folder that the keeper removes at the end."""
        become_subreaper()
        self._scratch = scratch
        order = json.dumps({"command": list(command), "binds": [list(bind) for bind in binds], "scratch": scratch})
        reading, writing = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "snapdoctor.rehearsal.keeper",
                order,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=writing,
                env=dict(environment),
                cwd=folder,
            )
        finally:
            os.close(writing)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._collect(reading, show))]
        while not self.pid and not self._ended.done():
            await asyncio.sleep(0.001)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, with everything below it."""
        return self._ended.done()

    async def wait(self) -> Ended:
        """Until it has ended, with everything below it; its scratch folder is still there."""
        return await asyncio.shield(self._ended)

    async def end(self) -> None:
        """End it now if it has not ended, with everything below it, and remove its scratch folder."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        await self._bury()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def text(self) -> str:
        """What it has printed."""
        return self.output.decode("utf-8", "replace")

    async def _bury(self) -> None:
        """Wait for the keeper; what is left when it was killed itself has come to us."""
        if self._process is None:
            return
        await self._process.wait()
        # Each round may bring us the children of those that the last one has ended, and a look at `/proc` misses who changes parents
        # meanwhile: so nobody is left when two looks in a row find nobody.
        looks = 0
        while looks < 2:
            left = [pid for pid in below(os.getpid()) if is_marked(pid, self._scratch)]
            looks = 0 if left else looks + 1
            for pid in left:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, os.WNOHANG)
            await asyncio.sleep(STEP)
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
        if not self._ended.done():
            self._ended.set_result(Ended(None, ()))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said: dict[str, Any] = json.loads(line)
            if "pid" in said:
                self.pid = said["pid"]
            elif "status" in said and not self._ended.done():
                survivors = tuple(f"{pid} {command}" for pid, command in said["survivors"])
                self._ended.set_result(Ended(said["status"], survivors))
        if not self._ended.done():
            self._ended.set_result(Ended(None, ()))

    async def _collect(self, reading: int, show: Callable[[bytes], None] | None) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb"))
        while chunk := await reader.read(CHUNK):
            self.output += chunk
            del self.output[:-TAIL]
            if show is not None:
                show(chunk)


def is_marked(pid: int, scratch: str = "") -> bool:
    """Whether a process belongs to a rehearsal of ours; unreadable ones do not.

    runsc starts its own without an environment, but with folders below `scratch` in their command line.
    """
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment, open(f"/proc/{pid}/cmdline", "rb") as command:
            marked = any(item.startswith(MARK.encode() + b"=") for item in environment.read().split(b"\0"))
            return marked or (scratch != "" and scratch.encode() in command.read())
    except OSError:
        return False
