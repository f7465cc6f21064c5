"""Follow the whole protocol: the switch, the sleep at the end of the snapshot hook, the wake after the restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.command_edits import words_added
from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.app.hook_edits import hook_added, hook_of, statements_added, target_of
from snapdoctor.app.image_edits import variable_set
from snapdoctor.app.import_edits import imports_added
from snapdoctor.app.server_edits import post
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.finding import Edit
    from snapdoctor.rule import Hazard

DEV_MODE = "VLLM_SERVER_DEV_MODE"


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: the allocator changes, and the dev mode opens routes that anyone who reaches the port can call."""
    event = hazard.event
    if event is None or not hazard.subject:
        return None
    if hazard.subject == DEV_MODE:
        edit = variable_set(deployment, DEV_MODE, "1")
        return Fix(f"Set {DEV_MODE}=1 in the image", "unsafe", (edit,)) if edit is not None else None
    edits = [_switched_on(event, hazard.subject)]
    lines: list[str] = []
    done = {other.purpose for other in deployment.events}
    if event.launch is not None and deployment.environment(DEV_MODE, event).given is False:
        edits.append(variable_set(deployment, DEV_MODE, "1"))
    if model.SLEEP not in done:
        edits.append(_step(deployment, event, "/sleep?level=1", "sleep(level=1)", lines, last=True))
    if model.WAKE not in done:
        edits.append(_step(deployment, event, "/wake_up", "wake_up()", lines, last=False))
    imported = imports_added(event.site.module, lines)
    made = tuple(edit for edit in edits if edit is not None)
    return (
        Fix("Enable the sleep mode, sleep before the snapshot and wake after it", "unsafe", (*imported, *made))
        if len(made) == len(edits) and imported is not None
        else None
    )


def _switched_on(event: Event, switch: str) -> Edit | None:
    if event.launch is not None:
        return words_added(event, switch)
    call = call_of(event.site)
    if call is None or event.name.rpartition(".")[2] != "LLM":
        return None
    return keyword_set(event.site.module, call, switch.removeprefix("--").replace("-", "_"), "True")


def _step(deployment: Deployment, event: Event, path: str, method: str, written: list[str], last: bool) -> Edit | None:
    hook = hook_of(deployment, event)
    lines = (
        post(event, path, "{}")
        if event.launch is not None
        else ([f"{target}.{method}"] if (target := target_of(event)) is not None else None)
    )
    if hook is None or lines is None:
        return None
    written += lines
    return statements_added(deployment, hook, lines, last=True) if last else hook_added(deployment, hook, "wake", lines)
