"""GPU requests that drift between types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.model import Gpu
from snapdoctor.app.values import Choice
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

DRIFTS = {"H100": ('"H100!"', "an H200"), "A100": ('"A100-40GB" or "A100-80GB"', "one with 80 GB")}


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a GPU snapshot on a GPU request that several types may serve."""
    gpu = deployment.gpu
    if deployment.snapshot != "gpu" or not isinstance(gpu, Gpu) or gpu.site is None or gpu.count != 1:
        return
    if isinstance(deployment.option("gpu").raw, Choice):
        return
    confidence = Confidence.LIKELY if gpu.likely or deployment.snapshot_likely else Confidence.CERTAIN
    if len(gpu.types) > 1:
        yield Hazard(
            gpu.site,
            f"{deployment.name} may run on {', '.join(gpu.types)}; each type needs snapshots of its own, so more starts are slow before all are made.",
            "Ask for one GPU type.",
            confidence=confidence,
        )
    elif gpu.types[0] in DRIFTS:
        pin, other = DRIFTS[gpu.types[0]]
        yield Hazard(
            gpu.site,
            f'gpu="{gpu.types[0]}" may give {deployment.name} {other}; a snapshot restores only on the type it was made on, so more of them are made.',
            f"Pin the type: gpu={pin}.",
            confidence=confidence,
        )
