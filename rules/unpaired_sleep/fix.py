"""Wake after the restore what sleeps at the capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.edits import call_of
from snapdoctor.app.hook_edits import hook_added, hook_of
from snapdoctor.app.span import Text
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard

OPPOSITE = {
    model.SLEEP: ("wake", r"/sleep\b(\?[\w=&]*)?", "/wake_up"),
    model.RELEASE: ("resume", "release_memory_occupation", "resume_memory_occupation"),
}


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: a new hook, with the same call turned round."""
    event = hazard.event
    hook = hook_of(deployment, event) if event is not None else None
    call = call_of(event.site) if event is not None else None
    if event is None or hook is None or call is None or event.purpose not in OPPOSITE or event.via is not None:
        return None
    name, down, up = OPPOSITE[event.purpose]
    code = Text(event.site.module).code(call)
    if event.kind == model.CONTROL and event.purpose == model.SLEEP:
        made, count = re.subn(r"\.sleep\([^()]*\)", ".wake_up()", code)
    else:
        made, count = re.subn(down, up, code)
    if count != 1 or "\n" in made:
        return None
    edit = hook_added(deployment, hook, name, [made])
    return Fix(f"{name.capitalize()} the engine after the restore", "unsafe", (edit,)) if edit is not None else None
