"""What differs after a restore from the state that was saved before the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.conditions import conditions
from snapdoctor.container.model import RUNNING, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Descriptor, File, Modal, Process

# Difference.kind
PROCESS, SOCKET, FILE, GPU = "process", "socket", "file", "gpu"


class Difference(NamedTuple):
    """One thing that is not as it was."""

    kind: str
    """`process`, `socket`, `file` or `gpu`."""
    subject: str
    message: str
    """What was, what is, and what follows, in a sentence or two."""


def was_restored(before: Modal, after: Modal) -> bool | None:
    """Whether this container came from a snapshot that another one made; None where it cannot be told.

    A restored container gets a task id of its own (modal 1.6.4, _runtime/task_lifecycle_manager.py), the one that made the snapshot keeps its.
    """
    if before.task and after.task and before.task != after.task:
        return True
    return False if after.inside and after.phase is not None and before.task == after.task else None


def differences(before: ContainerState, after: ContainerState, files: dict[str, File]) -> tuple[Difference, ...]:
    """Processes gone, sockets dead, files missing or changed, CUDA state lost; `files` are the files of `before` as they are now."""
    return (*_processes(before, after), *_sockets(before, after), *_files(before, files), *_gpu(before, after))


def _processes(before: ContainerState, after: ContainerState) -> Iterator[Difference]:
    alive = {process.pid: process for process in after.processes if process.state != "zombie"}
    for process in before.processes:
        if process.state == "zombie":
            continue
        now = alive.get(process.pid)
        if now is None:
            yield Difference(PROCESS, process.title, f"{process.title} was alive before the capture and is gone: {_what_it_was(process)}")
        elif now.program != process.program:
            yield Difference(PROCESS, process.title, f"Process {process.pid} was {process.name} and is {now.name} now.")


def _what_it_was(process: Process) -> str:
    if process.engine:
        return f"it was the {process.role or 'process'} of {process.engine}, which cannot answer any more. Its own log says why it ended."
    return " ".join(process.command)[:200] or process.name


def _sockets(before: ContainerState, after: ContainerState) -> Iterator[Difference]:
    now = {process.pid: {descriptor.number: descriptor for descriptor in process.descriptors} for process in after.processes}
    for process in before.processes:
        if process.pid not in now:
            continue
        for descriptor in process.descriptors:
            difference = _socket(process, descriptor, now[process.pid].get(descriptor.number))
            if difference is not None:
                yield difference


def _socket(process: Process, was: Descriptor, now: Descriptor | None) -> Difference | None:
    if was.socket is None or was.socket.state not in ("listen", "established") or was.socket.family not in ("inet", "inet6"):
        return None
    is_now = now.socket if now is not None else None
    if is_now is not None and is_now.state == was.socket.state:
        return None
    if was.socket.state == "listen":
        return Difference(
            SOCKET,
            was.socket.local,
            f"{process.title} listened on {was.socket.local} before the capture and does not any more: requests to that port are refused.",
        )
    word = f"{was.socket.local} to {was.socket.remote}"
    state = f"is {is_now.state or 'in no table'}" if is_now is not None else "is gone"
    return Difference(
        SOCKET, word, f"The connection of {process.title} from {word} {state}: its next use fails. Connect again after the restore."
    )


def _files(before: ContainerState, files: dict[str, File]) -> Iterator[Difference]:
    for condition in conditions(before):
        was = condition.file
        now = files.get(was.path)
        if was.size is None or now is None:
            continue
        if now.size is None:
            yield Difference(FILE, was.path, f"{was.path} is gone, though it was {_held(condition.mapped)} at the capture.")
        elif condition.written or condition.folder:
            continue
        elif now.size != was.size:
            yield Difference(
                FILE,
                was.path,
                f"{was.path} had {was.size} bytes at the capture and has {now.size} now. {_consequence(condition.mapped, now.size < was.size)}",
            )
        elif (now.modified, now.inode) != (was.modified, was.inode) and was.content in WEIGHTS:
            yield Difference(
                FILE, was.path, f"{was.path} has been written or replaced since the capture. {_consequence(condition.mapped, False)}"
            )


def _held(mapped: bool) -> str:
    return "mapped" if mapped else "open"


def _consequence(mapped: bool, shorter: bool) -> str:
    if mapped and shorter:
        return "Reading a mapped page behind its end kills the process with SIGBUS."
    return "What is mapped from it holds the new bytes, without any error." if mapped else "Whoever reads on from it gets the new bytes."


def _gpu(before: ContainerState, after: ContainerState) -> Iterator[Difference]:
    now = {process.pid: process.cuda for process in after.processes}
    for process in before.processes:
        if process.cuda is None or process.cuda.state != RUNNING or process.pid not in now:
            continue
        cuda = now[process.pid]
        state = cuda.state if cuda is not None else None
        if state == RUNNING or (cuda is not None and state is None):
            continue
        yield Difference(
            GPU,
            process.title,
            f"{process.title} had running CUDA state before the capture; the driver calls it {state or 'without CUDA state'} now.",
        )
