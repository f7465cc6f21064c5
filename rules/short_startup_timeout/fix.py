"""Give the first start time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard

SECONDS = 600


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: a limit, not a wait; nothing else changes where the start is quick. Options that come from a shared dict are the author's."""
    del hazard
    call = call_of(deployment.site)
    if call is None:
        return None
    written = [argument.keyword.value for argument in call.args if argument.keyword is not None]
    if deployment.option("startup_timeout").given and "startup_timeout" not in written:
        return None
    edit = keyword_set(deployment.site.module, call, "startup_timeout", str(SECONDS))
    return Fix(f"Set startup_timeout={SECONDS}", "safe", (edit,)) if edit is not None else None
