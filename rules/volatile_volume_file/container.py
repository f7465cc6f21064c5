"""See files on mounts of their own that are open or mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container.conditions import conditions, is_data
from snapdoctor.container.model import AFTER_SNAPSHOT, WEIGHTS
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState

# Mounts that Modal makes itself and that do not change under a snapshot: its client, its state, and the driver.
MODALS = ("/pkg", "/__modal", "/usr/local/nvidia")


def check(state: ContainerState) -> Iterator[Sighting]:
    """A data file on a mount that can change while the snapshot lives; mapped weights have a rule of their own."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    by_pid = {process.pid: process for process in state.processes}
    for condition in conditions(state):
        file = condition.file
        if not condition.volatile or not is_data(condition) or _is_modals(file.mount) or (condition.mapped and file.content in WEIGHTS):
            continue
        process = by_pid[condition.holders[0]]
        if condition.folder:
            yield Sighting(
                process,
                f"{process.title} works in the folder {file.path}, or has it open, on the mount {file.mount}, which can change while the snapshot "
                "lives. Deleted or renamed, it fails the whole restore.",
                "Change to a folder of the image before the hook ends (os.chdir('/'), cwd= for a child), or keep the folder as long as the snapshot is used.",
                file.path,
            )
            continue
        word = "maps" if condition.mapped else "writes to" if condition.written else "holds open"
        yield Sighting(
            process,
            f"{process.title} {word} {file.path}, on the mount {file.mount}, which can change while the snapshot lives. Deleted or renamed, it fails "
            "the whole restore; rewritten, its new bytes are read without an error; shortened while mapped, the process dies of SIGBUS.",
            "Close it before the hook ends, or keep the file unchanged in place as long as the snapshot is used (a Volume: commit it and never rewrite it).",
            file.path,
        )


def _is_modals(mount: str) -> bool:
    return any(f"{mount}/".startswith(f"{point}/") for point in MODALS)
