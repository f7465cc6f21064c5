"""Capture the GPU too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: GPU snapshots begin. Where other experimental options are set, the author knows best how they are written."""
    del hazard
    call = call_of(deployment.site)
    if call is None or deployment.option("experimental_options").given is not False:
        return None
    edit = keyword_set(deployment.site.module, call, "experimental_options", '{"enable_gpu_snapshot": True}')
    return Fix("Capture GPU memory too", "unsafe", (edit,)) if edit is not None else None
