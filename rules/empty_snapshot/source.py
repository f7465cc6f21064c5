"""GPU deployments with a snapshot that holds no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import brings_up, confidence, unread
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a serving GPU deployment whose capture holds nothing beyond imports."""
    if deployment.snapshot not in ("cpu", "gpu") or not isinstance(deployment.gpu, Gpu) or not deployment.resolved:
        return
    if any(hook.kind == "enter" and hook.snap is not False for hook in deployment.hooks):
        return
    if not deployment.serves or any(True for _ in brings_up(deployment, model.IMPORT)) or unread(deployment, model.IMPORT):
        return
    what = (
        "the function has no hook that could run" if deployment.kind == "function" else "no hook is marked @modal.enter(snap=True) to run"
    )
    move = (
        "Turn it into an @app.cls with a hook marked @modal.enter(snap=True)"
        if deployment.kind == "function"
        else "Mark the hook that loads the model @modal.enter(snap=True)"
    )
    yield Hazard(
        deployment.memory_snapshot.site or deployment.site,
        f"The snapshot of {deployment.name} holds imports only: {what} before it.",
        f"{move}; load and warm up the model there.",
        confidence=confidence(deployment),
    )
