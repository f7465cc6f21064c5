"""Write today's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_renamed
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard

# Options that only changed their name; the others changed their meaning as well.
RENAMED = {
    "checkpointing_enabled": "enable_memory_snapshot",
    "keep_warm": "min_containers",
    "concurrency_limit": "max_containers",
    "container_idle_timeout": "scaledown_window",
}


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: the value stays as it is."""
    call = call_of(deployment.site)
    new = RENAMED.get(hazard.subject)
    if call is None or new is None:
        return None
    edit = keyword_renamed(deployment.site.module, call, hazard.subject, new)
    return Fix(f"Rename {hazard.subject} to {new}", "safe", (edit,)) if edit is not None else None
