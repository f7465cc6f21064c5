"""A rehearsed life as rows of a drawing: what came when and how long it took, who pays for it, and what the source said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.rehearsal import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snapdoctor.rehearsal.model import Hook, Import, Phase, Rehearsal

ONCE, EACH, LATER, FAILED = "once", "each", "later", "failed"
PHASE, SNAPSHOT, UNREACHED = "phase", "snapshot", "unreached"
CUDA_BACK = "CUDA state back"
SHORTEST_IMPORT = 0.05
MOST_IMPORTS = 6


class Row(NamedTuple):
    """One row; times are seconds since the start, without what the rehearsal itself did in between."""

    kind: str
    """`phase`; `snapshot`: the line between what is captured and what is not; `unreached`: that line, where the life did not come so far."""
    title: str = ""
    began: float = 0.0
    seconds: float = 0.0
    paid: str = ONCE
    """`once`: by the container that makes the snapshot; `each`: by every later one; `later`: after the first answer; `failed`: it ended here."""
    predicted: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    imports: tuple[Import, ...] = ()
    """The slowest ones."""


def rows(rehearsal: Rehearsal, predicted: Mapping[str, tuple[str, ...]]) -> tuple[Row, ...]:
    """The life in its order."""
    return tuple(_rows(rehearsal, predicted))


def _rows(rehearsal: Rehearsal, predicted: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    at = 0.0
    for phase in rehearsal.phases:
        row = Row(
            PHASE, phase.name, at, phase.seconds, _paid(rehearsal, phase), predicted.get(phase.name, ()),
            tuple(hook for hook in rehearsal.hooks if hook.phase == phase.name), _imports(rehearsal, phase),
        )  # fmt: skip
        at += phase.seconds
        if phase.name != model.CAPTURE:
            yield row
            continue
        back = min(rehearsal.checkpoint.resume_seconds if rehearsal.checkpoint is not None else 0.0, phase.seconds)
        yield row._replace(seconds=phase.seconds - back)
        yield Row(SNAPSHOT, began=at - back)
        if back:
            yield Row(PHASE, CUDA_BACK, at - back, back, EACH)
    if rehearsal.snapshot != "none" and all(phase.name != model.CAPTURE for phase in rehearsal.phases):
        yield Row(UNREACHED, began=at)


def _paid(rehearsal: Rehearsal, phase: Phase) -> str:
    if rehearsal.failure is not None and rehearsal.failure.phase == phase.name:
        return FAILED
    if phase.name in (model.AGAIN, model.EXIT):
        return LATER
    return ONCE if phase.name in model.ONCE and rehearsal.snapshot != "none" else EACH


def _imports(rehearsal: Rehearsal, phase: Phase) -> tuple[Import, ...]:
    slow = [one for one in rehearsal.imports if one.phase == phase.name and one.seconds >= SHORTEST_IMPORT]
    return tuple(sorted(slow, key=lambda one: -one.seconds)[:MOST_IMPORTS])


def duration(seconds: float) -> str:
    """`21.20 s`, which no line end divides; what is too short to be told so is said to be that."""
    return (f"{seconds:.2f} s" if seconds >= 0.005 or seconds == 0 else "< 0.01 s").replace(" ", "\N{NO-BREAK SPACE}")
