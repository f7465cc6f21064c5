"""What deploying an app would send, found out by deploying it to a control plane on loopback.

This runs the user's module, in a process of its own: without the user's Modal settings and token, with another value in every variable whose name
says that it is a credential, and with no way to a server but ours.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from snapdoctor.app.resolved import ResolvedApp, ResolvedDeployment
from snapdoctor.rehearsal.control_plane import ControlPlane
from snapdoctor.rehearsal.keeping import Kept
from snapdoctor.rehearsal.mark import MARK
from snapdoctor.rehearsal.service import Service, has_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modal_proto import api_pb2

TIMEOUT = 120.0
DEFAULT_TIMEOUT = 300
CREDENTIAL = re.compile(r"(?i)(^|_)(api_?key|key|token|secret|password|passwd|credentials?|auth|dsn|pat)s?($|_)")
WITHHELD = "withheld-by-snapdoctor"


class ResolveError(Exception):
    """The app cannot be deployed, not even to a stand-in; the text ends with what the client said."""


def resolved(path: Path, timeout: float = TIMEOUT) -> ResolvedApp:
    """Exact options and image layers of everything that a file deploys; raises `ResolveError`."""
    plane = ControlPlane()

    async def work() -> None:
        service = Service(plane)
        await service.start()
        try:
            await record(path, service, timeout)
        finally:
            await service.stop()

    asyncio.run(work())
    return ResolvedApp(plane.app_name, tuple(described(plane, tag) for tag in sorted(plane.tags)))


async def record(path: Path, service: Service, timeout: float = TIMEOUT) -> None:
    """Run `modal deploy` on a file against this service; raises `ResolveError`."""
    if not path.is_file():
        raise ResolveError(f"{path}: there is no such file")
    scratch = tempfile.mkdtemp(prefix="snapdoctor-resolve-")
    kept = Kept()
    try:
        command = [sys.executable, "-m", "modal", "deploy", str(path)]
        await kept.start(command, client_environment(os.environ, service.url, scratch), Path.cwd(), scratch=scratch)
        try:
            ended = await asyncio.wait_for(kept.wait(), timeout)
        except asyncio.TimeoutError:
            raise ResolveError(f"{path}: `modal deploy` on it did not end within {timeout:g} s; it said:\n\n{kept.text()}") from None
    finally:
        await kept.end()
    if ended.status != 0:
        refused = (
            f" (it asked the platform for {', '.join(sorted(service.refused))}, which only a real one answers)" if service.refused else ""
        )
        raise ResolveError(f"{path}: `modal deploy` would fail on it{refused}; this is what it says:\n\n{kept.text().strip()}")


def client_environment(own: Mapping[str, str], url: str, scratch: str) -> dict[str, str]:
    """The environment of a client that must reach nothing but `url` and must know nothing of the user's."""
    made = {name: WITHHELD if CREDENTIAL.search(name) and value else value for name, value in own.items() if not name.startswith("MODAL_")}
    return {
        **made,
        **pinned(url, scratch),
        "MODAL_TOKEN_ID": "ak-rehearsal",
        "MODAL_TOKEN_SECRET": "as-rehearsal",
        "MODAL_BUILD_VALIDATION": "ignore",
        "NO_COLOR": "1",
        "COLUMNS": "120",
        MARK: uuid.uuid4().hex,
    }


def pinned(url: str, scratch: str) -> dict[str, str]:
    """What ties a Modal client to our control plane."""
    empty = Path(scratch) / "no-settings.toml"
    empty.touch()
    return {
        "MODAL_SERVER_URL": url,
        "MODAL_CONFIG_PATH": str(empty),
        "MODAL_DISABLE_API_PROXY": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def described(plane: ControlPlane, tag: str) -> ResolvedDeployment:
    """One recorded function in the words of its decorator."""
    identity = plane.tags[tag]
    function = plane.functions[identity]
    return ResolvedDeployment(
        name=tag.removesuffix(".*"),
        gpus=plane.gpus[identity],
        options=tuple(options_of(function).items()),
        volumes=tuple((mount.mount_path, plane.volumes[mount.volume_id].deployment_name) for mount in function.volume_mounts),
        layers=layers_of(plane, function.image_id),
    )


def options_of(function: api_pb2.Function) -> dict[str, object]:
    """Decorator options that are set; whatever has the client's default is left out."""
    resources = function.resources
    found: dict[str, object] = {
        "cpu": _pair(resources.milli_cpu / 1000, resources.milli_cpu_max / 1000),
        "memory": _pair(resources.memory_mb, resources.memory_mb_max),
        "ephemeral_disk": resources.ephemeral_disk_mb,
        "timeout": function.timeout_secs if function.timeout_secs != DEFAULT_TIMEOUT else None,
        "enable_memory_snapshot": function.checkpointing_enabled,
        "schedule": "given" if function.schedule.WhichOneof("schedule_oneof") else None,
    }
    kind = type(function)
    if has_field(kind, "startup_timeout_secs") and function.startup_timeout_secs != function.timeout_secs:
        found["startup_timeout"] = function.startup_timeout_secs
    if has_field(kind, "experimental_options"):
        found["experimental_options"] = {
            name: value == "True" if value in ("True", "False") else value for name, value in function.experimental_options.items()
        }
    scaling = function.autoscaler_settings
    for name, older in (
        ("min_containers", "warm_pool_size"),
        ("max_containers", "concurrency_limit"),
        ("scaledown_window", "task_idle_timeout_secs"),
    ):
        found[name] = getattr(scaling, name) or getattr(function, older)
    found["buffer_containers"] = scaling.buffer_containers
    if has_field(kind, "is_server") and function.is_server:
        found["port"] = function.http_config.port
        found["startup_timeout"] = function.http_config.startup_timeout
    return {name: value for name, value in found.items() if value}


def _pair(lower: float, upper: float) -> object:
    return (lower, upper) if upper else lower


def layers_of(plane: ControlPlane, identity: str) -> tuple[tuple[str, ...], ...]:
    """Dockerfile instructions of an image's layers, base first."""
    found: list[tuple[str, ...]] = []
    while identity in plane.images:
        image = plane.images[identity].image
        found.append(tuple(image.dockerfile_commands))
        identity = image.base_images[0].image_id if image.base_images else ""
    return tuple(reversed(found))
