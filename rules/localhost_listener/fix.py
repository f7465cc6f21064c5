"""Listen on every address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.command_edits import word_exchanged, words_added
from snapdoctor.app.image_edits import variable_set
from snapdoctor.app.questions import engine_of
from snapdoctor.engines.command import role
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard

EVERYWHERE = "0.0.0.0"


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: as it is, nothing outside the container can reach the server at all."""
    event = hazard.event
    engine = engine_of(event) if event is not None else None
    if event is None or engine is None or event.launch is None:
        return None
    told = role(event.launch, "host")
    names = engine.names("host")
    if told.present is True and told.value is not None:
        edit = word_exchanged(event, told.value, EVERYWHERE)
    elif names:
        edit = words_added(event, names[0], EVERYWHERE)
    else:
        edit = variable_set(deployment, engine.host_variable, EVERYWHERE) if engine.host_variable is not None else None
    return Fix(f"Listen on {EVERYWHERE}", "safe", (edit,)) if edit is not None else None
