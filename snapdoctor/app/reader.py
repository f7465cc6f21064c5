"""Source file to `App`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from snapdoctor.app.lifecycle import deployments_of
from snapdoctor.app.machine import Machine
from snapdoctor.app.model import App
from snapdoctor.app.module import Unparsable
from snapdoctor.app.project import Project

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Unparsable", "read_app", "read_project"]


def read_app(path: Path, root: Path | None = None) -> App:
    """Read a Modal app; raises `OSError` when the file cannot be read and `Unparsable` when it is not Python."""
    return read_project(Project(path, root))


def read_project(project: Project) -> App:
    """Read a Modal app inside a project, which afterwards says which files were read."""
    module = project.main()
    app = App(module)
    machine = Machine(project, app)
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        try:
            machine.module_object(module)
        except RecursionError:
            machine.steps = 0
        app.deployments.extend(deployments_of(machine))
    finally:
        if was_enabled:
            gc.enable()
    return app
