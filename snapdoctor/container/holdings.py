"""The files of all processes together: each is examined once, however many processes hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container.files import examine, mount_of
from snapdoctor.container.mappings import DELETED, is_device, is_memory
from snapdoctor.container.model import DIRECTORY, FILE, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.look import Look
    from snapdoctor.container.model import File, Mount


class Holdings:
    """What has been found out about files so far."""

    def __init__(self, mounts: tuple[Mount, ...]) -> None:
        self.mounts = mounts
        self._examined: dict[tuple[str, str], File] = {}

    def examine(self, look: Look) -> None:
        """Examine every file and folder on a disk that a process has open or mapped, or works in."""
        for path in _held(look):
            key = (look.root, path)
            if key not in self._examined:
                self._examined[key] = examine(look.root, path, mount_of(path, self.mounts))

    def holds_weights(self, look: Look) -> bool:
        """Whether a process maps a file with weights."""
        return any((found := self._examined.get((look.root, one.path))) is not None and found.content in WEIGHTS for one in look.ranges)

    def files(self) -> tuple[File, ...]:
        """Every file once, by path."""
        return tuple(sorted(set(self._examined.values()), key=lambda file: (file.path, file.inode or 0)))


def _held(look: Look) -> Iterator[str]:
    for one in look.ranges:
        if not one.deleted and not is_memory(one.path) and not is_device(one.path):
            yield one.path
    for opened in look.opens:
        if opened.kind in (FILE, DIRECTORY) and not opened.deleted and opened.target.startswith("/") and not is_memory(opened.target):
            yield opened.target
    if look.folder and not look.folder.endswith(DELETED):
        yield look.folder
