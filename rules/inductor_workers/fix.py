"""Set the variable in the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.image_edits import variable_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: it changes how kernels are compiled, not what they compute."""
    edit = variable_set(deployment, hazard.subject, "1")
    return Fix(f"Set {hazard.subject}=1 in the image", "safe", (edit,)) if edit is not None else None
