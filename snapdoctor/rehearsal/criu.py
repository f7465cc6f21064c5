"""A container as a process tree of this machine that CRIU saves, ends and restores from disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from snapdoctor.rehearsal.roomed import PID, Engine, NoEngine, Roomed

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.place import Launch

NOTES = ("CRIU saved this container; Modal's is saved by gVisor, whose refusals are others",)


def found() -> Engine:
    """The CRIU of this machine, when it works with its kernel; raises `NoEngine`."""
    path = shutil.which("criu")
    if path is None:
        raise NoEngine("criu is not installed here (Debian 13 and Ubuntu: apt-get install criu)")
    if os.geteuid() != 0:
        raise NoEngine("criu can save a process tree as root only: run this with sudo")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    checked = subprocess.run([path, "check"], capture_output=True, text=True, check=False)
    number = version.partition("Version:")[2].strip().partition("\n")[0]
    if checked.returncode != 0:
        said = (checked.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise NoEngine(f"criu {number} does not work with this machine's kernel (`criu check`: {said}); 4.2 works with Linux 6.18")
    return Engine("CRIU", number, is_modals=False)


class Dumped(Roomed):
    """A `place.Place`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(engine, folder, NOTES)

    async def start(self, launch: Launch) -> None:
        """Start the room, and the container in it."""
        self.room.mkdir()
        whole = {"command": list(launch.command), "environment": dict(launch.environment), "folder": str(launch.folder)}
        (self.room / "container.json").write_text(json.dumps(whole), encoding="utf-8")
        await self.open_room(launch.binds, launch.show)

    async def look(self) -> ContainerState:
        """From the room: the process and all that it has started."""
        return await self.look_at(PID, "")
