"""A rehearsed container's state as the container itself would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container.mounts import IN_THE_IMAGE

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState


def as_in_a_container(state: ContainerState, binds: tuple[tuple[str, str], ...]) -> ContainerState:
    """The state with only its Volumes as mounts of their own.

    On this machine other folders may be mounts too, and where a mount point was missing every piece of the root is one.
    """
    volumes = {target.rstrip("/") for _, target in binds}
    kinds = {mount.point: mount.kind for mount in state.mounts}
    files = tuple(
        file if file.mount.rstrip("/") in volumes or kinds.get(file.mount) in IN_THE_IMAGE else file._replace(mount="/")
        for file in state.files
    )
    return state._replace(files=files)
