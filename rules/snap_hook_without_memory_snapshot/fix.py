"""Switch memory snapshots on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Unsafe: snapshots begin; but without it Modal refuses the class."""
    del hazard
    call = call_of(deployment.site)
    if call is None or (deployment.memory_snapshot.given and "enable_memory_snapshot" not in _written(deployment)):
        return None
    edit = keyword_set(deployment.site.module, call, "enable_memory_snapshot", "True")
    return Fix("Add enable_memory_snapshot=True", "unsafe", (edit,)) if edit is not None else None


def _written(deployment: Deployment) -> list[str]:
    call = call_of(deployment.site)
    return [argument.keyword.value for argument in call.args if argument.keyword is not None] if call is not None else []
