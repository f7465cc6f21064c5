"""See work that every restored container does again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.finding import Confidence
from snapdoctor.rehearsal import model
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import Process
    from snapdoctor.rehearsal.model import Rehearsal

# A wake-up call takes less; a load takes longer.
LONG = 2.0
GROWTH = 256 << 20


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """Hooks after the restore that take long, and memory that appears only then."""
    if rehearsal.snapshot == "none":
        return
    for hook in rehearsal.hooks:
        if hook.phase == model.AFTER and hook.seconds >= LONG:
            yield Observation(
                f"The hook {hook.name} ran {hook.seconds:.1f} s after the restore: every restored container of {rehearsal.deployment} does that again.",
                "Move what loads or compiles to @modal.enter(snap=True); keep only what must be new in every container (connections, wake-up calls).",
                confidence=Confidence.LIKELY,
            )
    for process in _late_engines(rehearsal):
        yield Observation(
            f"{process.title} was started after the restore: every restored container of {rehearsal.deployment} starts it and loads its model again.",
            "Start it in @modal.enter(snap=True), wait until it is ready, and warm it up there.",
            process=(process.pid, " ".join(process.command)),
        )
    before, after = _memory(rehearsal, served=False), _memory(rehearsal, served=True)
    if before is not None and after is not None and after - before >= GROWTH:
        yield Observation(
            f"The processes of {rehearsal.deployment} held {before >> 20} MiB at the capture and {after >> 20} MiB after the first answer: what was "
            "added is loaded again in every restored container.",
            "Load it before the snapshot, and make one real request there.",
            confidence=Confidence.LIKELY,
        )


def _late_engines(rehearsal: Rehearsal) -> list[Process]:
    """Engines' own processes that were not there at the capture."""
    if rehearsal.state is None or rehearsal.served is None:
        return []
    captured = {process.pid for process in rehearsal.state.processes}
    return [
        process
        for process in rehearsal.served.processes
        if process.pid not in captured and process.engine and process.role in ("server", "router")
    ]


def _memory(rehearsal: Rehearsal, served: bool) -> int | None:
    state = rehearsal.served if served else rehearsal.state
    if state is None:
        return None
    return sum((process.anonymous or 0) + (process.shared or 0) for process in state.processes)
