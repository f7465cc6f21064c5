"""A container in a sandbox of gVisor: another kernel, with no network and no GPU."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snapdoctor import looking
from snapdoctor.container.runtimes import MODAL
from snapdoctor.rehearsal.gvisor import Runsc, configuration, reason
from snapdoctor.rehearsal.roomed import SHARED, Engine, Roomed

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.place import Launch

NO_GPU = "the sandbox has no GPU: what needs one fails in it, and no CUDA state is saved"


class Sandboxed(Roomed):
    """A `place.Place`."""

    def __init__(self, runsc: Runsc, folder: Path, wants_gpu: bool) -> None:
        super().__init__(Engine("gVisor", runsc.version, runsc.month >= MODAL), folder, (*_age(runsc), *((NO_GPU,) if wants_gpu else ())))

    async def start(self, launch: Launch) -> None:
        """Start the room, and the container in it."""
        for name in ("bundle", "root", "state"):
            (self.room / name).mkdir(parents=True)
        shared = str(self.folder / SHARED)
        whole = configuration(launch, str(self.room / "root"), [*launch.binds, (shared, shared)])
        (self.room / "bundle" / "config.json").write_text(json.dumps(whole), encoding="utf-8")
        await self.open_room((), launch.show)

    async def look(self) -> ContainerState:
        """From inside, as a program of the container."""
        return await self.look_at("", looking.ITSELF)

    def reason(self, said: str) -> str:
        """The cause, without the kernel objects that runsc prints."""
        return reason(said)


def _age(runsc: Runsc) -> tuple[str, ...]:
    if not runsc.month or runsc.month >= MODAL:
        return ()
    return (f"this runsc is of {runsc.month}, Modal's most likely of {MODAL} or newer, which may save what this one refuses",)
