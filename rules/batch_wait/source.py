"""`@modal.batched` with a long wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.model import setting_of
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

LONG_MS = 500


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each batched method or function that waits `LONG_MS` or more."""
    for hook in deployment.hooks:
        if "wait_ms" not in hook.arguments.keywords:
            continue
        if setting_of(hook.arguments, "max_batch_size").value == 1:
            continue
        wait = setting_of(hook.arguments, "wait_ms", hook.site)
        if isinstance(wait.value, (int, float)) and wait.value >= LONG_MS:
            yield Hazard(
                wait.site or hook.site,
                f"{hook.name} waits up to {wait.value:g} ms for a batch to fill; a lone request after a cold start waits all of it.",
                "Try wait_ms=50 to 100, and measure the throughput you lose.",
            )
