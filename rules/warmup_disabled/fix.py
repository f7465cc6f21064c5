"""Take the flag out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.command_edits import word_exchanged
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: the engine does what it does by default."""
    del deployment
    edit = word_exchanged(hazard.event, hazard.subject) if hazard.event is not None else None
    return Fix(f"Drop {hazard.subject}", "safe", (edit,)) if edit is not None else None
