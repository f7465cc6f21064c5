"""What a restore of a container state needs to find again, and what the capture will weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.model import DIRECTORY, EXECUTED, FILE, PROGRAM, ROOT
from snapdoctor.container.mounts import IN_THE_IMAGE

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState, File, Process

# Measured (facts: gVisor of 2026-08 on a machine with one H200): images come from disk at 2.2 GB/s, device memory goes back at 7 GB/s, and a
# small process needs about a second. Modal's own disks are said to give 1 to 2.5 GB/s, so this is an order of magnitude.
DISK, BUS, FLOOR = 2.2e9, 7e9, 1.0


class Condition(NamedTuple):
    """A file or folder that every restore opens again by its path: missing, the restore fails; changed, the new bytes are read without a word."""

    file: File
    folder: bool
    """A folder that somebody works in or has open."""
    mapped: bool
    holders: tuple[int, ...]
    """Process ids."""
    written: bool
    """A holder has it open for writing, so that its size changes by itself."""
    volatile: bool
    """It lies on a mount of its own (a Volume, a bind mount), and not on the container's root, which comes with the image."""


class Weight(NamedTuple):
    """What a capture holds, bytes."""

    host: int
    """Memory of the processes that is in no file."""
    gpu: int
    at_most: bool
    """Some of it may be counted twice, or may be file pages: this kernel does not tell them apart."""
    host_at_least: int = 0
    """What of `host` is surely there: each family of forked processes, which share pages, counts as its largest member."""

    @property
    def image(self) -> int:
        """The image's size: device memory becomes host memory before the processes are saved."""
        return self.host + self.gpu

    @property
    def restore_seconds(self) -> float:
        """How long a restore takes, as an order of magnitude."""
        return FLOOR + self.image / DISK + self.gpu / BUS


def conditions(state: ContainerState) -> tuple[Condition, ...]:
    """Every file and folder (working directories too) that must be in place, by path.

    Programs and libraries of the image are among them, files in memory (tmpfs) are not: those are part of what is captured.
    """
    mapped: dict[str, set[int]] = {}
    opened: dict[str, set[int]] = {}
    written: set[str] = set()
    folders: set[str] = set()
    for process in state.processes:
        for one in process.mapped:
            if not one.deleted:
                mapped.setdefault(one.path, set()).add(process.pid)
        for descriptor in process.descriptors:
            if descriptor.kind in (FILE, DIRECTORY) and not descriptor.deleted:
                opened.setdefault(descriptor.target, set()).add(process.pid)
                written |= {descriptor.target} if descriptor.writable else set()
                folders |= {descriptor.target} if descriptor.kind == DIRECTORY else set()
        if process.folder and not process.folder_deleted:
            opened.setdefault(process.folder, set()).add(process.pid)
            folders.add(process.folder)
    kinds = {mount.point: mount.kind for mount in state.mounts}
    found = []
    # A mount point is there as soon as the container is.
    for file in state.files:
        holders = mapped.get(file.path, set()) | opened.get(file.path, set())
        if holders and kinds.get(file.mount) not in IN_THE_IMAGE and file.path not in kinds:
            path, volatile = file.path, file.mount not in ("", "/")
            found.append(Condition(file, path in folders, path in mapped, tuple(sorted(holders)), path in written, volatile))
    return tuple(found)


def is_data(condition: Condition) -> bool:
    """Whether it is something else than a program or a library, which change only with the image."""
    return condition.file.content != PROGRAM


def weight(state: ContainerState) -> Weight:
    """What a capture of this state would hold."""
    host, at_most = 0, False
    for process in state.processes:
        own = _own(process)
        host += own
        at_most = at_most or process.anonymous is None or process.origin == "fork"
    return Weight(host, gpu_memory(state), at_most, _at_least(state))


def _at_least(state: ContainerState) -> int:
    """Memory that is surely there: a forked process may share all its pages with its family, and any shared memory may be the same."""
    families: dict[int, int] = {}
    family_of: dict[int, int] = {}
    for process in state.processes:
        is_own = process.origin in (ROOT, EXECUTED)
        family = family_of[process.pid] = process.pid if is_own else family_of.get(process.parent, process.parent)
        families[family] = max(families.get(family, 0), _surely_private(process))
    return sum(families.values()) + max((process.shared or 0 for process in state.processes), default=0)


def _surely_private(process: Process) -> int:
    if process.anonymous is not None:
        return process.anonymous
    return max(0, (process.resident or 0) - sum(one.size for one in process.mapped))


def _own(process: Process) -> int:
    if process.anonymous is None:
        return process.resident or 0
    return process.anonymous + (process.shared or 0)


def gpu_memory(state: ContainerState) -> int:
    """GPU memory in use by the tree: by process where that is known, else all that is used on the GPUs, if anybody of the tree holds one."""
    known = [process.cuda.memory for process in state.processes if process.cuda is not None and process.cuda.memory is not None]
    if known:
        return sum(known)
    return sum(gpu.used for gpu in state.gpus) if any(process.cuda is not None for process in state.processes) else 0
