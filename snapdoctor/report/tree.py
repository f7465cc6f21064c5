"""A process tree as a picture: who started whom, what each process holds, offenders marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.model import RUNNING, UNINITIALISED
from snapdoctor.container.questions import ENTRYPOINT, engine_of, is_internal, size, sockets, weights
from snapdoctor.engines.recognition import is_python
from snapdoctor.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process
    from snapdoctor.finding import Finding

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.ADVICE: "·"}
"""What marks an offender; the sign says as much as its colour."""
FOLDED_FROM = 3
MOST_DETAILS = 4


class Mark(NamedTuple):
    """A finding at a process."""

    severity: Severity
    rule: str

    @property
    def text(self) -> str:
        """`! SNAP301`."""
        return f"{SIGNS[self.severity]} {self.rule}"


class Branch(NamedTuple):
    """A process in the picture, or several alike."""

    processes: tuple[Process, ...]
    """One, or siblings that look the same and have no children."""
    title: str
    holds: str
    """Memory and GPU, a few words."""
    details: tuple[str, ...]
    marks: tuple[Mark, ...]
    children: tuple[Branch, ...]


def branches(state: ContainerState, findings: tuple[Finding, ...]) -> tuple[Branch, ...]:
    """The tree, from its roots."""
    known = {process.pid for process in state.processes}
    mapped: dict[int, list[str]] = {}
    for found in weights(state):
        mapped.setdefault(found.process.pid, []).append(f"maps {size(found.mapped.size)} of weights: {found.file.path}")
    marks: dict[int, set[Mark]] = {}
    for finding in findings:
        if finding.process is not None:
            marks.setdefault(finding.process.pid, set()).add(Mark(finding.severity, finding.rule))
    roots = [process for process in state.processes if process.parent not in known or process.pid == state.root]
    return _folded([_branch(state, process, mapped, marks) for process in roots])


def _branch(state: ContainerState, process: Process, mapped: dict[int, list[str]], marks: dict[int, set[Mark]]) -> Branch:
    children = [one for one in state.processes if one.parent == process.pid and one.pid not in (process.pid, state.root)]
    own = sorted(marks.get(process.pid, ()), key=lambda mark: (-mark.severity, mark.rule))
    return Branch(
        (process,),
        title(process),
        _holds((process,)),
        (*_shortened(mapped.get(process.pid, [])), *_details(process)),
        tuple(own),
        _folded([_branch(state, child, mapped, marks) for child in children]),
    )


def _folded(branches: list[Branch]) -> tuple[Branch, ...]:
    """Siblings that look alike as one, where there are many."""
    groups: dict[tuple[object, ...], list[Branch]] = {}
    for branch in branches:
        alike = (branch.title, branch.details, branch.marks) if not branch.children else (branch.processes[0].pid,)
        groups.setdefault(alike, []).append(branch)
    found: list[Branch] = []
    for group in groups.values():
        if len(group) < FOLDED_FROM:
            found += group
            continue
        processes = tuple(process for branch in group for process in branch.processes)
        found.append(group[0]._replace(processes=processes, title=f"{len(group)} x {group[0].title}", holds=_holds(processes)))
    return tuple(sorted(found, key=lambda branch: branch.processes[0].pid))


def title(process: Process) -> str:
    """What a person calls it: the engine and its role, or the program and what it runs."""
    engine = engine_of(process)
    if engine is not None and process.role not in ("", "in process"):
        return f"{engine.title} {process.role}" if process.role != "server" or engine.title != process.name else f"{process.name}, server"
    if process.role not in ("", "in process"):
        return f"{process.name}, {process.role}"
    shown = process.name
    if is_python(process.name):
        shown = f"{process.name} {_script(process.command)}".strip()
    return f"{shown} with {engine.title}" if engine is not None else shown


def _script(command: tuple[str, ...]) -> str:
    """What a Python process runs."""
    words = command[1:]
    for index, word in enumerate(words):
        if word == "-m" and index + 1 < len(words):
            return "(Modal's entrypoint)" if words[index + 1] == ENTRYPOINT else f"-m {words[index + 1]}"
        if word == "-c":
            return "-c ..."
        if not word.startswith("-"):
            return "(Modal's entrypoint)" if ENTRYPOINT in word else word.rpartition("/")[2]
    return ""


def _holds(processes: tuple[Process, ...]) -> str:
    memory = [process.resident for process in processes if process.resident is not None]
    gpu = [process.cuda.memory for process in processes if process.cuda is not None and process.cuda.memory is not None]
    parts = [size(sum(memory))] if memory else []
    if gpu:
        parts.append(f"GPU {size(sum(gpu))}")
    elif any(process.cuda is not None and process.cuda.state == RUNNING for process in processes):
        parts.append("CUDA")
    return ", ".join(parts)


def _details(process: Process) -> Iterator[str]:
    if process.state in ("zombie", "stopped", "traced", "waiting"):
        yield f"is {process.state}" + (f" by process {process.tracer}" if process.tracer else "")
    cuda = process.cuda
    if cuda is not None and cuda.state == UNINITIALISED and cuda.devices:
        yield f"holds {sum(use.descriptors for use in cuda.devices)} GPU descriptors of its parent, no CUDA state"
    elif cuda is not None and cuda.state not in (RUNNING, UNINITIALISED, None):
        yield f"CUDA state: {cuda.state}"
    listening, outside = [], []
    for _, socket in sockets(process):
        if socket.state == "listen" and not is_internal(socket):
            listening.append(socket.local or "a UNIX socket")
        elif socket.state == "established" and socket.outside:
            outside.append(socket.remote or socket.local or "a UNIX socket")
    if listening:
        yield f"listens on {', '.join(_shortened(sorted(set(listening))))}"
    if outside:
        yield f"connected to {', '.join(_shortened(sorted(set(outside))))} (outside)"


def _shortened(items: list[str]) -> list[str]:
    return items if len(items) <= MOST_DETAILS else [*items[: MOST_DETAILS - 1], f"and {len(items) - MOST_DETAILS + 1} more"]
