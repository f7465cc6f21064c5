"""One container life, start to end, on this machine: Modal's runtime in a process of its own, and us as the platform."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.rehearsal import gvisor
from snapdoctor.rehearsal.bare import Bare
from snapdoctor.rehearsal.control_plane import ControlPlane
from snapdoctor.rehearsal.life import Life, ServerLife
from snapdoctor.rehearsal.resolve import record
from snapdoctor.rehearsal.run import Run
from snapdoctor.rehearsal.sandboxed import LONGEST_SOCKET, SHARED, Sandboxed
from snapdoctor.rehearsal.service import Service
from snapdoctor.rehearsal.surroundings import around
from snapdoctor.rehearsal.target import chosen, requests, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snapdoctor.rehearsal.model import Rehearsal
    from snapdoctor.rehearsal.place import Place

REQUESTS = 2


class Wanted(NamedTuple):
    """What the command line asks for."""

    target: str
    method: str = ""
    input: str | None = None
    path: str = "/"
    parameters: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    volumes: Mapping[str, str] = {}
    show: Callable[[bytes], None] | None = None
    """Gets the container's output as it comes."""
    sandbox: bool = False
    """Save and restore the whole container, in gVisor."""


def rehearse(wanted: Wanted) -> Rehearsal:
    """Rehearse one life; whatever was started is ended when this returns or is interrupted.

    Raises `resolve.ResolveError`, `target.BadTarget`, `surroundings.BadSurroundings` and `gvisor.NoSandbox`.
    """
    return asyncio.run(_rehearsed(wanted))


async def _rehearsed(wanted: Wanted) -> Rehearsal:
    runsc = gvisor.found() if wanted.sandbox else None
    path, name = split(wanted.target)
    plane = ControlPlane()
    service = Service(plane)
    await service.start()
    try:
        await record(path, service)
        target = chosen(plane, path, name, wanted.method, wanted.input is not None)
        life = (ServerLife if target.kind == "server" else Life)(requests(target, wanted.input, wanted.path, REQUESTS))
        service.answers = (life, plane)
        # The keeper removes the folder, also when this process is killed.
        scratch = Path(tempfile.mkdtemp(prefix="snapdoctor-rehearsal-"))
        shared = scratch / SHARED
        shared.mkdir()
        place: Place = Sandboxed(runsc, scratch, bool(plane.gpus[plane.tags[target.tag]])) if runsc is not None else Bare(scratch)
        url = await service.listen_at(_socket(shared)) if runsc is not None else service.url
        given = {"env": wanted.environment, "secrets": wanted.secrets, "volumes": wanted.volumes}
        surroundings = around(plane, target, url, shared, given)
        run = Run(wanted.target, target, plane, service, life, surroundings, shared, place)
        return await run.run(wanted.parameters, wanted.path, wanted.show)
    finally:
        await service.stop()


def _socket(folder: Path) -> Path:
    path = folder / "plane"
    if len(str(path).encode()) > LONGEST_SOCKET:
        raise gvisor.NoSandbox(f"{path} is too long for the path of a unix socket: set TMPDIR to a folder with a shorter name")
    return path
