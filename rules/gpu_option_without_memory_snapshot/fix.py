"""Switch memory snapshots on beside the GPU option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: snapshots begin. A missing GPU or a misspelt key is the author's to settle."""
    call = call_of(deployment.site)
    if hazard.subject != "enable_memory_snapshot" or call is None:
        return None
    written = [argument.keyword.value for argument in call.args if argument.keyword is not None]
    if deployment.memory_snapshot.given and hazard.subject not in written:
        return None
    edit = keyword_set(deployment.site.module, call, hazard.subject, "True")
    return Fix(f"Add {hazard.subject}=True", "unsafe", (edit,)) if edit is not None else None
