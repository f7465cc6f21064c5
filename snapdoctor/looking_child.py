"""The child that looks (`looking`): `state PID WITHOUT` (either may be empty), `check PID FILE` or `restored PID FILE`; prints one JSON object on one line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snapdoctor.container.reader import NoSuchProcess, read_state
from snapdoctor.looking import ITSELF
from snapdoctor.rehearsal.mark import MARK
from snapdoctor.typed_json import plain

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding


def main(arguments: list[str]) -> None:
    """Look, print, and leave at once: a thread that waits on a stuck process must not keep us."""
    what, *rest = arguments
    try:
        answer = ASKED[what](rest)
    except (NoSuchProcess, OSError) as error:
        answer = {"failed": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _state(arguments: list[str]) -> dict[str, Any]:
    pid, without = arguments
    left_out = os.getpid() if without == ITSELF else int(without) if without else None
    return {"state": plain(read_state(int(pid) if pid else None, without=left_out))}


def _check(arguments: list[str]) -> dict[str, Any]:
    from snapdoctor import atomic
    from snapdoctor.container.document import to_json
    from snapdoctor.linting import active_codes
    from snapdoctor.probing import findings

    pid, saved = arguments
    state = _around(pid)
    atomic.replace(Path(saved), to_json(state).encode(), 0o600)
    found = findings(state, active_codes((), ()))
    return {"findings": plain(found), "report": _report(state, found)}


def _restored(arguments: list[str]) -> dict[str, Any]:
    from snapdoctor.container.compare import differences, was_restored
    from snapdoctor.container.document import BadState, from_json
    from snapdoctor.container.files import examine

    pid, saved = arguments
    state = _around(pid)
    try:
        before = from_json(Path(saved).read_bytes())
    except (OSError, BadState):
        return {"restored": None, "differences": [], "compared": False}
    now = {file.path: examine("", file.path, file.mount) for file in before.files}
    return {"restored": was_restored(before.modal, state.modal), "differences": plain(differences(before, state, now)), "compared": True}


def _around(pid: str) -> ContainerState:
    """In Modal the whole container; elsewhere, and in a rehearsal, the process that asks and what it has started."""
    alone = "MODAL_TASK_ID" in os.environ and MARK not in os.environ
    return read_state(None if alone else int(pid))


def _report(state: ContainerState, found: tuple[Finding, ...]) -> str:
    from snapdoctor.report.probe import page

    return page(state, found, colour=False)


ASKED = {"state": _state, "check": _check, "restored": _restored}
