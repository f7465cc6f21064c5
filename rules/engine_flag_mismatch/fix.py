"""Write the option's successor in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.command_edits import word_exchanged
from snapdoctor.app.questions import engine_of
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Only where the replacement surely exists: not where the version is a guess."""
    del deployment
    engine = engine_of(hazard.event) if hazard.event is not None else None
    option = engine.option(hazard.subject) if engine is not None else None
    if hazard.event is None or option is None or not option.replacement or hazard.severity is not None:
        return None
    edit = word_exchanged(hazard.event, hazard.subject, *option.replacement.split())
    return Fix(f"Replace {hazard.subject} by {option.replacement}", "safe", (edit,)) if edit is not None else None
