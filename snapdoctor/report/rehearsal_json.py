"""A rehearsal for programs: everything that was measured and predicted, as the property `rehearsal` of the findings document."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor.container.conditions import weight
from snapdoctor.rehearsal import model
from snapdoctor.rehearsal.model import Rehearsal
from snapdoctor.report.rehearsal import verdict
from snapdoctor.typed_json import plain

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding
    from snapdoctor.staging import Staged

DESCRIBED = (
    "Of a rehearsal: one life as it was measured; times are seconds, sizes bytes. With --pid it has no phases and no answers, and its kind is "
    f"`{model.IN_PLACE}`. Values of Secrets, and of variables named like credentials, are replaced by `***`."
)
# Whole states are for `probe --save`; the output is told of a failed life only.
LEFT_OUT = ("state", "served", "output")
LONGEST_OUTPUT = 4000
_SECONDS = ("Phase", "Hook", "Import", "Answer", "Suspended")
NARROWER: dict[str, dict[str, Any]] = {
    "Phase.name": {"enum": list(model.PHASES)},
    "Predicted.phase": {"enum": list(model.PHASES)},
    "Rehearsal.kind": {"enum": ["cls", "function", "server", model.IN_PLACE]},
    "Rehearsal.snapshot": {"enum": ["gpu", "cpu", "none"]},
    **{f"{name}.seconds": {"minimum": 0} for name in _SECONDS},
    **{f"Captured.{name}": {"minimum": 0} for name in ("processes", "host", "gpu", "image")},
    "Checkpoint.suspend_seconds": {"minimum": 0},
    "Checkpoint.resume_seconds": {"minimum": 0},
    "Rehearsal.restore_seconds": {"minimum": 0},
    "Rehearsal.cold_start_seconds": {"minimum": 0},
}


class Predicted(NamedTuple):
    """What the source says of one phase."""

    phase: str
    events: tuple[str, ...]
    """A few words for each."""


class Captured(NamedTuple):
    """What there was at the moment of the capture, sizes in bytes."""

    processes: int
    host: int
    """Memory of the processes that is in no file."""
    gpu: int
    image: int
    """About the size of the snapshot's image."""


class Added(NamedTuple):
    """What the document holds beyond the fields of the rehearsal itself."""

    predicted: tuple[Predicted, ...]
    captured: Captured | None
    restore_seconds: float | None
    """To the first answer from the suspended state; None where nothing was captured or not all was answered."""
    cold_start_seconds: float | None
    """To the first answer without a snapshot; None where not all was answered."""
    output: str
    """The end of what the container printed, where something failed; else empty."""
    verdict: str


def fields() -> dict[str, Any]:
    """The property's fields with their types: those of the rehearsal as they are, and ours."""
    own = {name: hint for name, hint in typing.get_type_hints(Rehearsal).items() if name not in LEFT_OUT}
    return {**own, **typing.get_type_hints(Added)}


def data(staged: Staged, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The property's value as plain data."""
    rehearsal = staged.rehearsal
    own = {name: value for name, value in plain(rehearsal._replace(state=None, served=None)).items() if name not in LEFT_OUT}
    failed = rehearsal.failure is not None or any(not answer.good for answer in rehearsal.answers)
    added = Added(
        tuple(Predicted(phase, events) for phase, events in staged.predicted.items() if events),
        _captured(rehearsal.state) if rehearsal.state is not None else None,
        rehearsal.restore_seconds,
        rehearsal.cold_start_seconds,
        rehearsal.output[-LONGEST_OUTPUT:] if failed else "",
        verdict(rehearsal, findings),
    )
    return {**own, **plain(added)}


def _captured(state: ContainerState) -> Captured:
    weighs = weight(state)
    return Captured(len(state.processes), weighs.host, weighs.gpu, weighs.image)
