"""Wait for the engine's own health route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.hook_edits import hook_of, statements_added, target_of
from snapdoctor.app.import_edits import imports_added
from snapdoctor.app.questions import engine_of
from snapdoctor.app.server_edits import INDENT, address
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: the hook now takes as long as the load, and the start may need a longer startup_timeout."""
    event = hazard.event
    engine = engine_of(event) if event is not None else None
    hook = hook_of(deployment, event) if event is not None else None
    if event is None or engine is None or hook is None or not engine.health_paths:
        return None
    lines = _poll(event, engine.health_paths[0])
    edit = statements_added(deployment, hook, lines, last=False) if lines else None
    imported = imports_added(event.site.module, lines)
    if edit is None or imported is None:
        return None
    return Fix(f"Wait until {engine.health_paths[0]} answers", "unsafe", (*imported, edit))


def _poll(event: Event, path: str) -> list[str]:
    """A loop that ends when the route answers 200 or the process is gone."""
    place = address(event, path)
    if place is None:
        return []
    target = target_of(event) if event.name == "subprocess.Popen" else None
    gone = [
        f"{INDENT}if {target}.poll() is not None:",
        f'{INDENT}{INDENT}raise RuntimeError("the server ended before it was ready")',
    ]
    return [
        "while True:",
        *(gone if target is not None else []),
        f"{INDENT}try:",
        f"{INDENT}{INDENT}urllib.request.urlopen({place}, timeout=5).read()",
        f"{INDENT}{INDENT}break",
        f"{INDENT}except OSError:",
        f"{INDENT}{INDENT}time.sleep(1)",
    ]
