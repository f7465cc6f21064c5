"""Rehearsals as commands need them: the life, what the source predicts of it, and the findings together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.finding import Location
from snapdoctor.report.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from snapdoctor.app.model import App
    from snapdoctor.rehearsal.model import Rehearsal
    from snapdoctor.rehearsal.rehearse import Wanted


OUTPUT = "<container output>"
LINKED = (
    "several of its processes use NCCL with several GPUs open, and those the driver suspends but cannot bring back: it was left as it is. Rehearse "
    "the app (APP.py::NAME), where nothing is lost, or start it with NCCL_P2P_DISABLE=1 NCCL_SHM_DISABLE=1"
)


class Staged(NamedTuple):
    """A rehearsal, and what the source predicts."""

    rehearsal: Rehearsal
    predicted: Mapping[str, tuple[str, ...]]
    """By phase, a few words for each event."""


def staged(wanted: Wanted, codes: frozenset[str]) -> tuple[Report, bool]:
    """Rehearse, and report; whether the life or a request failed comes with it. Raises what `rehearse` raises."""
    from snapdoctor.logs import diagnosis
    from snapdoctor.rehearsal.rehearse import rehearse
    from snapdoctor.rehearsal.target import split
    from snapdoctor.rehearsing import findings

    path = split(wanted.target)[0]
    rehearsal = rehearse(wanted)
    app = _read(path)
    seen = findings(rehearsal, codes, _place(path, app, rehearsal.deployment))
    told = diagnosis.findings(diagnosis.diagnose([rehearsal.output.encode()]), OUTPUT)
    found = (*seen, *(finding for finding in told if finding.rule in codes and all(finding.rule != one.rule for one in seen)))
    report = Report("rehearse", found, (str(path),), 1, rehearsed=Staged(rehearsal, _predicted(app, rehearsal.deployment)))
    return report, rehearsal.failure is not None or any(not answer.good for answer in rehearsal.answers)


def suspended_in_place(pid: int, codes: frozenset[str]) -> Report:
    """Checkpoint and restore the CUDA state of a running tree, unless it would not come back; raises `looking.LookFailed`."""
    from snapdoctor.container.questions import linked_by_nccl
    from snapdoctor.probing import live_state
    from snapdoctor.rehearsal.model import in_place, left_alone
    from snapdoctor.rehearsal.suspending import there_and_back
    from snapdoctor.rehearsing import findings

    state = live_state(pid, without=os.getpid())
    checkpoint = there_and_back(state) if not linked_by_nccl(state) else left_alone(LINKED)
    rehearsal = in_place(pid, state, checkpoint)
    return Report("rehearse", findings(rehearsal, codes, None), (), 0, rehearsed=Staged(rehearsal, {}))


def _read(path: Path) -> App | None:
    from snapdoctor.app.module import Unparsable
    from snapdoctor.app.reader import read_app

    try:
        return read_app(path)
    except Unparsable:
        return None


def _place(path: Path, app: App | None, name: str) -> Location:
    """Where the deployment is defined; the file's first line where it was not found."""
    from snapdoctor.linting import locate

    for deployment in app.deployments if app is not None else ():
        if deployment.name == name:
            return locate(deployment.site)
    return Location(str(path), 1, 1, 1, 1)


def _predicted(app: App | None, name: str) -> dict[str, tuple[str, ...]]:
    from snapdoctor.app import model as life
    from snapdoctor.rehearsal import model
    from snapdoctor.report.timeline import told

    phases = {
        life.IMPORT: model.IMPORT,
        life.BEFORE: model.BEFORE,
        life.AFTER: model.AFTER,
        life.REQUEST: model.ANSWER,
        life.EXIT: model.EXIT,
    }
    for deployment in app.deployments if app is not None else ():
        if deployment.name == name:
            return {shown: tuple(told(deployment, phase)) for phase, shown in phases.items()}
    return {}
