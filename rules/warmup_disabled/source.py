"""`--no-warmup`, `--skip-server-warmup` before a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_of, engine_starts, title, words_of
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each engine started before the capture with its warm-up switched off."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in engine_starts(deployment, model.BEFORE):
        engine = engine_of(event)
        names = engine.names("no-warm-up") if engine is not None else ()
        flag = next((word for word in words_of(event) if word in names), None)
        if flag is not None:
            yield Hazard(
                event.site,
                f"{title(event)} is started with {flag} before the snapshot of {deployment.name}: the work it skips is then done in every restored container.",
                f"Drop {flag}; before a snapshot the warm-up is paid once.",
                confidence=confidence(deployment, event),
                event=event,
                subject=flag,
            )
