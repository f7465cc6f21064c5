"""A container as a process tree that CRIU saves, from inside its room."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

from snapdoctor.rehearsal import mounting
from snapdoctor.rehearsal.room import BROKEN, Done, ran
from snapdoctor.rehearsal.roomed import PID

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from pathlib import Path

CLONE_NEWPID = 0x20000000
# What a container may hold, and CRIU saves only when it is told to (criu 4.2: `criu dump --help`).
ALLOWED = (
    "--tcp-established", "--network-lock", "skip", "--file-locks", "--ext-unix-sk", "--link-remap", "--ghost-limit", "64M", "--force-irmap",
    "--skip-in-flight", "--manage-cgroups=ignore",
)  # fmt: skip

HARMLESS = "Can't setup RLIMIT_NOFILE for self"
"""CRIU would open more files than it may, and goes on."""


def in_pid_namespace(work: Callable[[], int]) -> int:
    """Do it as process 1 of a new pid namespace with its own `/proc`, where every pid is free for a restore; its status."""
    if mounting.unshare(CLONE_NEWPID) != 0:
        return BROKEN
    first = os.fork()
    if first == 0:
        mounting.mount_proc()
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])


class Criu:
    """A `room.Engine`: the command of `folder/container.json`, in a session of its own. Its room is process 1 and buries its orphans."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = 0
        self.is_saved = False
        self.is_gone = asyncio.Event()
        self.is_back = asyncio.Event()

    async def live(self) -> int:
        """Start it, and wait for its end."""
        given = json.loads((self.folder / "container.json").read_text(encoding="utf-8"))
        # Not by asyncio, whose watcher would wait for the process that the restored one takes the pid of.
        started = subprocess.Popen(
            given["command"], env=given["environment"], cwd=given["folder"], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.pid = started.pid
        while True:
            status = await asyncio.to_thread(os.waitpid, self.pid, 0)
            if not self.is_saved:
                code = os.waitstatus_to_exitcode(status[1])
                return code if code >= 0 else 128 - code
            self.is_gone.set()
            await self.is_back.wait()
            self.is_saved = False

    async def save(self, image: Path) -> str:
        """`criu dump`."""
        self.is_saved = True
        log = self.folder / "dump.log"
        done = await ran("criu", "dump", "--tree", str(self.pid), "--images-dir", str(image), "--log-file", str(log), *ALLOWED)
        if done.status == 0:
            return ""
        self.is_saved = False
        return _complaint(log, done)

    async def restore(self, image: Path) -> str:
        """`criu restore`, with the output that it had."""
        await self.is_gone.wait()
        _bury()
        log = self.folder / "restore.log"
        done = await ran(
            "criu", "restore", "--restore-detached", "--images-dir", str(image), "--log-file", str(log),
            "--inherit-fd", f"fd[1]:{os.readlink('/proc/self/fd/1')}", *ALLOWED, inherits=True,
        )  # fmt: skip
        if done.status != 0:
            return _complaint(log, done)
        self.is_back.set()
        return ""

    async def execute(self, command: list[str]) -> Done:
        """Run a second program in the room; the word `roomed.PID` in its command is the container's."""
        return await ran(*(str(self.pid) if word == PID else word for word in command))

    async def signal(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


def _bury() -> None:
    """What came to us from the saved tree, whose pids a restore needs; nobody else is ours then."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _complaint(log: Path, done: Done) -> str:
    """The first error in CRIU's log: what follows from it is told below it."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    errors = [line.partition("Error")[2] for line in lines if "Error" in line and HARMLESS not in line]
    return (errors[0].partition("):")[2].strip() if errors else done.error.strip()) or f"criu ended with status {done.status}"
