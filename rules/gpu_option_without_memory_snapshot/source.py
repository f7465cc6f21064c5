"""GPU snapshot options that have no effect."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from snapdoctor.app.values import Mapping
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

KEY = "enable_gpu_snapshot"
LOOKALIKES = (
    "gpu_snapshot",
    "enable_gpu_snapshots",
    "enable_gpu_memory_snapshot",
    "gpu_memory_snapshot",
    "enable_gpu_snap",
    "gpu_snapshots",
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for a misspelt key, a missing memory snapshot flag or a missing GPU."""
    yield from _misspelt(deployment)
    gpu_option = deployment.gpu_snapshot
    if not gpu_option.is_true() or gpu_option.site is None or deployment.kind == "mixin":
        return
    confidence = Confidence.LIKELY if gpu_option.likely or deployment.memory_snapshot.likely else Confidence.CERTAIN
    if deployment.memory_snapshot.is_false():
        yield Hazard(
            gpu_option.site,
            f"{deployment.name} asks for a GPU snapshot, but enable_memory_snapshot is not set, so nothing at all is captured.",
            "Add enable_memory_snapshot=True to the same decorator.",
            confidence=confidence,
            subject="enable_memory_snapshot",
        )
    elif deployment.gpu is None:
        yield Hazard(
            gpu_option.site,
            f"{deployment.name} asks for a GPU snapshot but for no GPU, so only CPU memory is captured.",
            'Add gpu="..." to the decorator, or drop enable_gpu_snapshot.',
            confidence=confidence,
        )


def _misspelt(deployment: Deployment) -> Iterator[Hazard]:
    raw = deployment.option("experimental_options").raw
    if not isinstance(raw, Mapping) or KEY in raw.entries:
        return
    for key in raw.entries:
        if isinstance(key, str) and (key in LOOKALIKES or difflib.SequenceMatcher(None, key, KEY).ratio() > 0.85):
            site = raw.sites.get(key) or deployment.site
            yield Hazard(
                site,
                f'{deployment.name} sets the experimental option "{key}", which Modal does not know: it is accepted without a word and no GPU memory is captured.',
                f'Write experimental_options={{"{KEY}": True}}.',
            )
