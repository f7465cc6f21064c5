"""Install the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.image_edits import package_installed
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """Safe: a package of 0.3 MB more."""
    del hazard
    edit = package_installed(deployment, "libgomp1")
    return Fix("Install libgomp1", "safe", (edit,)) if edit is not None else None
