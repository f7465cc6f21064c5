"""Memory limits against the estimated size of the captured model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import brings_up, words_of
from snapdoctor.app.values import Sequence, constant
from snapdoctor.engines.model_size import estimate
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

OVERHEAD_GB = 1.0


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard when a hard memory limit is below the estimated weights on the GPU."""
    if deployment.snapshot != "gpu":
        return
    limit = _limit_gb(deployment)
    if limit is None:
        return
    for event in brings_up(deployment, model.IMPORT, model.BEFORE):
        name = _model(event)
        size = estimate(name) if name is not None and "\0" not in name else None
        if size is not None and size.gigabytes + OVERHEAD_GB > limit:
            yield Hazard(
                deployment.option("memory").site or deployment.site,
                f"{deployment.name} may use {limit:.1f} GB of host memory, but at the snapshot the GPU's memory is copied into it: {name} alone is about {size.gigabytes:.0f} GB (estimated from {size.basis}).",
                "Drop the limit, or set it above resident memory plus GPU memory.",
                confidence=Confidence.LIKELY,
                related=((event.site, "loaded here"),),
            )
            return


def _limit_gb(deployment: Deployment) -> float | None:
    """The hard limit of `memory=(request, limit)` in GB; a plain request is no limit."""
    raw = deployment.option("memory").raw
    if isinstance(raw, Sequence) and len(raw.items) == 2:
        known = constant(raw.items[1])  # type: ignore[arg-type]
        return known * 1024 * 1024 / 1e9 if isinstance(known, (int, float)) else None
    return None


def _model(event: Event) -> str | None:
    if event.load is not None:
        return event.load.model
    words = words_of(event)
    for index, word in enumerate(words[:-1]):
        if word in ("--model", "--model-path", "-m", "serve", "-hf", "--hf-repo"):
            return words[index + 1]
    return None
