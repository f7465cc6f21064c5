"""Keep the container for five minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: it costs money."""
    del hazard
    call = call_of(deployment.site)
    edit = keyword_set(deployment.site.module, call, "scaledown_window", "300") if call is not None else None
    return Fix("Keep an idle container for 300 s", "unsafe", (edit,)) if edit is not None else None
