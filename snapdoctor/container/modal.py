"""Where in a Modal container's life a process is (facts: modal 1.6.4, _runtime/task_lifecycle_manager.py and _container_entrypoint.py)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from snapdoctor.container.model import AFTER_SNAPSHOT, BEFORE_SNAPSHOT, NO_SNAPSHOT, Modal

if TYPE_CHECKING:
    from collections.abc import Mapping

RESTORE_STATE = "/__modal/restore-state.json"


def where(environment: Mapping[str, str], root: str = "") -> Modal:
    """The phase by the environment of a container's process; `root` is the way to its root folder, empty for our own.

    The runtime polls for the restore-state file right after the capture: before it is there, the snapshot has not been taken.
    """
    task = environment.get("MODAL_TASK_ID", "")
    if not task and "MODAL_IS_REMOTE" not in environment:
        return Modal(False, False, "", None)
    sandbox = "MODAL_SANDBOX_ID" in environment
    if environment.get("MODAL_ENABLE_SNAP_RESTORE") != "1":
        return Modal(True, sandbox, task, NO_SNAPSHOT)
    restored = os.path.exists(root + environment.get("MODAL_RESTORE_STATE_PATH", RESTORE_STATE))
    return Modal(True, sandbox, task, AFTER_SNAPSHOT if restored else BEFORE_SNAPSHOT)
