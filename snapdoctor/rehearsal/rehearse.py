"""One container life, start to end, on this machine: Modal's runtime in a process of its own, and us as the platform."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.rehearsal import criu, gvisor
from snapdoctor.rehearsal.bare import Bare
from snapdoctor.rehearsal.control_plane import ControlPlane
from snapdoctor.rehearsal.criu import Dumped
from snapdoctor.rehearsal.life import Life, ServerLife
from snapdoctor.rehearsal.resolve import record
from snapdoctor.rehearsal.roomed import SHARED, Engine, NoEngine
from snapdoctor.rehearsal.run import Run
from snapdoctor.rehearsal.sandboxed import Sandboxed
from snapdoctor.rehearsal.service import Service
from snapdoctor.rehearsal.surroundings import around
from snapdoctor.rehearsal.target import chosen, requests, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snapdoctor.rehearsal.gvisor import Runsc
    from snapdoctor.rehearsal.model import Rehearsal
    from snapdoctor.rehearsal.place import Place
    from snapdoctor.rehearsal.target import Target

REQUESTS = 2
LONGEST_SOCKET = 107
"""Bytes of a unix socket's path (unix(7))."""


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
    engine: str = ""
    """`gvisor` or `criu`: what saves and restores the whole container; empty: nothing does."""


def rehearse(wanted: Wanted) -> Rehearsal:
    """Rehearse one life; whatever was started is ended when this returns or is interrupted.

    Raises `resolve.ResolveError`, `target.BadTarget`, `surroundings.BadSurroundings` and `roomed.NoEngine`.
    """
    return asyncio.run(_rehearsed(wanted))


async def _rehearsed(wanted: Wanted) -> Rehearsal:
    engine = criu.found() if wanted.engine == "criu" else gvisor.found() if wanted.engine == "gvisor" else None
    path, name = split(wanted.target)
    plane = ControlPlane()
    service = Service(plane)
    await service.start()
    try:
        await record(path, service)
        target = chosen(plane, path, name, wanted.method, wanted.input is not None)
        life = (ServerLife if target.kind == "server" else Life)(requests(target, wanted.input, wanted.path, REQUESTS))
        service.answers = (life, plane)
        # Its keeper removes the folder too, should this process be killed.
        with tempfile.TemporaryDirectory(prefix="snapdoctor-rehearsal-", ignore_cleanup_errors=True) as folder:
            return await _lived(wanted, engine, target, plane, service, life, Path(folder))
    finally:
        await service.stop()


async def _lived(
    wanted: Wanted, engine: Engine | Runsc | None, target: Target, plane: ControlPlane, service: Service, life: Life, folder: Path
) -> Rehearsal:
    shared = folder / SHARED
    shared.mkdir()
    place: Place = Bare(folder)
    url = service.url
    if isinstance(engine, Engine):
        place = Dumped(engine, folder)
    elif engine is not None:
        place = Sandboxed(engine, folder, bool(plane.gpus[plane.tags[target.tag]]))
        url = await service.listen_at(_socket(shared))
    given = {"env": wanted.environment, "secrets": wanted.secrets, "volumes": wanted.volumes}
    surroundings = around(plane, target, url, shared, given)
    run = Run(wanted.target, target, plane, service, life, surroundings, shared, place)
    return await run.run(wanted.parameters, wanted.path, wanted.show)


def _socket(folder: Path) -> Path:
    path = folder / "plane"
    if len(str(path).encode()) > LONGEST_SOCKET:
        raise NoEngine(f"{path} is too long for the path of a unix socket: set TMPDIR to a folder with a shorter name")
    return path
