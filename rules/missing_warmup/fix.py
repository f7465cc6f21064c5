"""Add a warm-up that the engine is known to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.hook_edits import hook_of, statements_added, target_of
from snapdoctor.app.import_edits import imports_added
from snapdoctor.app.questions import engine_of
from snapdoctor.app.server_edits import INDENT, SIZES, post
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.engines.engine import Engine
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: it runs the model, with arguments that its author may want otherwise."""
    event = hazard.event
    engine = engine_of(event) if event is not None else None
    hook = hook_of(deployment, event) if event is not None else None
    if event is None or engine is None or hook is None:
        return None
    if event.launch is not None and not _is_awaited(deployment):
        return None
    lines = _server(event, engine) if event.launch is not None else _in_process(event, engine)
    edit = statements_added(deployment, hook, lines, last=False) if lines else None
    imported = imports_added(event.site.module, lines)
    return Fix("Add a warm-up", "unsafe", (*imported, edit)) if edit is not None and imported is not None else None


def _is_awaited(deployment: Deployment) -> bool:
    """Whether the hook waits for readiness: a request sent earlier would fail, and the start with it."""
    return any(event.purpose in (model.HEALTH, model.LOG) for event in deployment.during(model.BEFORE))


def _server(event: Event, engine: Engine) -> list[str]:
    if engine.warm_up_request is None:
        return []
    lines = post(event, *engine.warm_up_request) or []
    return [SIZES, *(INDENT + line for line in lines)] if lines else []


def _in_process(event: Event, engine: Engine) -> list[str]:
    if not engine.warm_up or (target := target_of(event)) is None:
        return []
    call = engine.warm_up.format(model=target)
    return [SIZES, INDENT + call] if "words" in call else [call]
