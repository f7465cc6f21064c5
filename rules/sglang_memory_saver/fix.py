"""Follow the whole protocol: the switches, the release at the end of the snapshot hook, the resume after the restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.command_edits import words_added
from snapdoctor.app.edits import added, call_of
from snapdoctor.app.hook_edits import hook_added, hook_of, statements_added, target_of
from snapdoctor.app.import_edits import imports_added
from snapdoctor.app.server_edits import post
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.finding import Edit
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: the copy of the weights needs host memory, and the engine behaves differently from then on."""
    event, switches = hazard.event, tuple(hazard.subject.split())
    if event is None or not switches:
        return None
    edits = [_switched_on(event, switches)]
    lines: list[str] = []
    done = {other.purpose for other in deployment.events}
    if model.RELEASE not in done:
        edits.append(_step(deployment, event, "release", lines))
    if model.RESUME not in done:
        edits.append(_step(deployment, event, "resume", lines))
    imported = imports_added(event.site.module, lines)
    made = tuple(edit for edit in edits if edit is not None)
    return (
        Fix(f"Add {' and '.join(switches)}, and what belongs to them", "unsafe", (*imported, *made))
        if len(made) == len(edits) and imported is not None
        else None
    )


def _switched_on(event: Event, switches: tuple[str, ...]) -> Edit | None:
    if event.launch is not None:
        return words_added(event, *switches)
    call = call_of(event.site)
    keywords = [f"{switch.removeprefix('--').replace('-', '_')}=True" for switch in switches]
    return added(event.site.module, call, keywords) if call is not None else None


def _step(deployment: Deployment, event: Event, verb: str, written: list[str]) -> Edit | None:
    hook = hook_of(deployment, event)
    if event.launch is not None:
        lines = post(event, f"/{verb}_memory_occupation", "{}")
    else:
        lines = [f"{target}.{verb}_memory_occupation()"] if (target := target_of(event)) is not None else None
    if hook is None or lines is None:
        return None
    written += lines
    return statements_added(deployment, hook, lines, last=True) if verb == "release" else hook_added(deployment, hook, verb, lines)
