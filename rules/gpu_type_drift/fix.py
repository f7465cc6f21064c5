"""Pin the GPU's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import string_changed
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: a pinned type may be harder to get. One with two sizes, or a list, is the author's choice."""
    del deployment
    edit = string_changed(hazard.site, hazard.subject, f"{hazard.subject}!") if hazard.subject else None
    return Fix(f"Pin the type to {hazard.subject}!", "unsafe", (edit,)) if edit is not None else None
