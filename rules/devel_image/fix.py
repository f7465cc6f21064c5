"""Take the runtime image of the same release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.image_edits import base_changed
from snapdoctor.finding import Fix, Severity

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe, and only where nothing installed may compile at run time: a library that does so in silence would miss its compiler."""
    if hazard.severity is not Severity.WARNING:
        return None
    edit = base_changed(deployment, "-devel", "-runtime")
    return Fix("Use the runtime image", "unsafe", (edit,)) if edit is not None else None
