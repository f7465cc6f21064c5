"""A container as a process of this machine: its CUDA state is really suspended and brought back, the rest of it only waits."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from snapdoctor.probing import live_state
from snapdoctor.rehearsal.keeping import Kept
from snapdoctor.rehearsal.place import Captured, asked
from snapdoctor.rehearsal.suspending import there_and_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.place import Asked, Launch


class Bare:
    """A `place.Place`; `folder` is removed at the end."""

    wall: float | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = Kept()

    async def start(self, launch: Launch) -> None:
        """Start it below its keeper."""
        await self.kept.start(
            launch.command, launch.environment, launch.folder, binds=launch.binds, scratch=str(self.folder), show=launch.show
        )

    async def look(self) -> ContainerState:
        """From outside: the process and all that it has started."""
        return await asyncio.to_thread(live_state, self.kept.pid)

    async def capture(self, state: ContainerState | None, go_on: Callable[[], None]) -> Captured:
        """Suspend the CUDA state of every process, and bring it back."""
        checkpoint = await asyncio.to_thread(there_and_back, state) if state is not None else None
        go_on()
        return Captured(checkpoint)

    async def ask(self, address: str, port: int, path: str, seconds: float) -> Asked | None:
        """From this process."""
        return await asked(address, port, path, seconds)

    async def terminate(self) -> None:
        """Send SIGTERM."""
        self.kept.signal(signal.SIGTERM)
