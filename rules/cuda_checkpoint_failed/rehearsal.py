"""See a CUDA checkpoint fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """Each process that the driver could not suspend or bring back."""
    if rehearsal.checkpoint is None:
        return
    for process in rehearsal.checkpoint.failed:
        yield Observation(
            f"The driver answered {process.error} to the {process.step} of pid {process.pid} ({process.command[:120]}). No snapshot of this tree can be made.",
            "Look for CUDA managed memory, a second GPU, memory shared between processes (IPC), or a driver below 570; "
            "`snapdoctor explain SNAP804` lists the causes.",
            process=(process.pid, process.command),
        )
