"""Write today's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_renamed, word_replaced
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


# Names that have a successor with the same meaning, as they are written in full.
SUCCESSORS = {"modal.web_endpoint": "modal.fastapi_endpoint", "modal.Stub": "modal.App"}


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe for options, whose value stays as it is; unsafe for `fastapi_endpoint`, which needs fastapi in the image."""
    if hazard.subject in SUCCESSORS:
        successor = SUCCESSORS[hazard.subject]
        named = word_replaced(hazard.site.module, hazard.site.node, hazard.subject, successor)
        return Fix(f"Write {successor}", "unsafe", (named,)) if named is not None else None
    call = call_of(deployment.site)
    new = RENAMED.get(hazard.subject)
    if call is None or new is None:
        return None
    edit = keyword_renamed(deployment.site.module, call, hazard.subject, new)
    return Fix(f"Rename {hazard.subject} to {new}", "safe", (edit,)) if edit is not None else None
