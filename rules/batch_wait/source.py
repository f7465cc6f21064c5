"""Find `@modal.batched` with a long wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.values import constant, is_likely
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

LONGEST_MS = 500
SUGGESTED_MS = 50


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Every `@modal.batched` of the app whose wait is known to be long; one of a batch of one waits for nothing."""
    for name, arguments, site in deployment.app.uses:
        if name != "modal.batched":
            continue
        given = arguments.get("wait_ms")
        wait = constant(given)
        if (
            not isinstance(wait, (int, float))
            or isinstance(wait, bool)
            or wait < LONGEST_MS
            or constant(arguments.get("max_batch_size")) == 1
        ):
            continue
        yield Hazard(
            arguments.site("wait_ms") or site,
            f"A request that comes alone waits {_said(wait)} for company before the model sees it. The one that wakes a container usually does come alone, "
            "so this is added to its start.",
            f"Use wait_ms={SUGGESTED_MS} or about the time of one forward pass; under load batches fill long before that.",
            confidence=Confidence.LIKELY if is_likely(given) else Confidence.CERTAIN,
        )


def _said(wait: float) -> str:
    return f"{wait:g} ms" if wait < 1000 else f"{wait / 1000:g} s"
