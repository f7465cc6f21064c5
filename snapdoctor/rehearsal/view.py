"""A rehearsed container's state as the container itself would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container.document import from_json, to_json
from snapdoctor.container.mounts import IN_THE_IMAGE
from snapdoctor.rehearsal.mounting import STAGE

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.container.model import ContainerState


def as_in_a_container(state: ContainerState, scratch: Path, binds: tuple[tuple[str, str], ...]) -> ContainerState:
    """The state with paths from the container's root, and only its Volumes as mounts of their own.

    Where a mount point was missing the container lives below a folder that repeats this machine's root, piece by piece: from outside every path
    shows that folder, and every piece is a mount.
    """
    seen = from_json(to_json(state).replace(f"{scratch}/{STAGE}/", "/"))
    volumes = {target.rstrip("/") for _, target in binds}
    kinds = {mount.point: mount.kind for mount in seen.mounts}
    files = tuple(
        file if file.mount.rstrip("/") in volumes or kinds.get(file.mount) in IN_THE_IMAGE else file._replace(mount="/")
        for file in seen.files
    )
    return seen._replace(files=files)
