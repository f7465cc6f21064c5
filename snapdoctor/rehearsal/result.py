"""From what was lived through to what is told of it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NamedTuple

import modal

from snapdoctor.rehearsal import trace
from snapdoctor.rehearsal.answers import SUCCESS, answers, own_frames
from snapdoctor.rehearsal.hiding import hiding, without_secrets
from snapdoctor.rehearsal.model import Failure, Rehearsal

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.keeping import Ended
    from snapdoctor.rehearsal.life import Life
    from snapdoctor.rehearsal.model import Answer
    from snapdoctor.rehearsal.place import Captured
    from snapdoctor.rehearsal.surroundings import Surroundings
    from snapdoctor.rehearsal.target import Target

TAIL = 4000
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
BY_SIGNAL = 128
"""What shells and sandboxes add to the number of the signal that ended a program."""


class Lived(NamedTuple):
    """One life that is over; times are `time.monotonic()`."""

    wanted: str
    target: Target
    surroundings: Surroundings
    told: list[trace.Line]
    marks: dict[str, float]
    spawned: float
    over: float
    state: ContainerState | None
    served: ContainerState | None
    captured: Captured
    web_answers: tuple[Answer, ...]
    failure: Failure | None
    ended: Ended | None
    """None: it was ended from here."""
    output: str
    notes: tuple[str, ...]
    refused: tuple[str, ...]
    """RPCs that nobody answers here."""


def rehearsal(lived: Lived, life: Life) -> Rehearsal:
    """All that is told of it; `life` has what its requests were answered with."""
    hide = hiding(lived.surroundings.hidden)
    lived = lived._replace(output=hide(lived.output))
    function = lived.target.function
    found = trace.boundaries(lived.told, lived.marks, lived.spawned, lived.over)
    snapshot = "none" if not function.is_checkpointing_function else "gpu" if lived.target.wants_gpu_snapshot else "cpu"
    refused = [f"{name} was asked of the platform and is not part of a rehearsal" for name in lived.refused]
    leans = [f"this modal lacks a name that the rehearsal leans on: {name}" for name in trace.missing(lived.told)]
    made = Rehearsal(
        target=lived.wanted,
        deployment=lived.target.name,
        method=lived.target.method,
        kind=lived.target.kind,
        modal=modal.__version__,
        snapshot=snapshot,
        startup_timeout=int(getattr(function, "startup_timeout_secs", 0) or function.timeout_secs),
        timeout=function.timeout_secs,
        phases=trace.phases(found, lived.marks),
        hooks=trace.hooks(lived.told),
        imports=trace.imports(lived.told, found),
        copies=trace.copies(lived.told, lived.surroundings.secrets),
        state=lived.state,
        served=lived.served,
        checkpoint=lived.captured.checkpoint,
        saved=lived.captured.saved,
        answers=(*answers(life, hide), *lived.web_answers),
        failure=_failure(lived, life, found),
        survivors=lived.ended.survivors if lived.ended is not None else (),
        output=lived.output,
        notes=(*lived.surroundings.notes, *lived.notes, *refused, *leans),
    )
    return without_secrets(made, hide)


def _failure(lived: Lived, life: Life, found: list[tuple[str, float]]) -> Failure | None:
    """The task's own word for it comes first: its exit code says nothing (modal 1.6.4)."""
    for result in life.results:
        if result.result.status != SUCCESS:
            phase = trace.phase_at(found, lived.marks["result"])
            return Failure(phase, result.result.exception, own_frames(result.result.traceback), "")
    last = found[-2][0]
    if lived.failure is not None:
        return lived.failure if lived.failure.phase else lived.failure._replace(phase=last)
    if lived.ended is None or "stopping" in lived.marks:
        return None
    said = lived.output[-TAIL:].strip()
    if lived.ended.status not in (0, None):
        return Failure(last, _how(lived.ended.status), said, "")
    if not lived.marks.keys() & {"ready", "server"}:
        return Failure(last, "the container ended by itself before it was ready", said, "")
    if len(life.outputs) < len(life.inputs) or (lived.target.kind == "server" and not lived.web_answers):
        return Failure(last, "the container ended by itself before it had answered", said, "")
    return None


def _how(status: int) -> str:
    """What an exit code other than zero says; a crash in an engine's own library leaves no traceback unless one is asked for."""
    number = -status if status < 0 else status - BY_SIGNAL
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    asked = "; --env PYTHONFAULTHANDLER=1 shows where" if number in CRASHES else ""
    if status < 0:
        return f"the container was ended by {name}{asked}"
    return f"the container ended with status {status}{f' ({name}{asked})' if asked else ''}"
