"""Find GPU snapshots whose GPU type is left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.model import Gpu
from snapdoctor.app.values import Sequence
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

# What an unpinned name may turn into, and the spellings that do not (modal.com/docs/guide/gpu).
UPGRADES = {"H100": ("an H200", 'gpu="H100!"'), "A100": ("the 40 GB or the 80 GB kind", 'gpu="A100-40GB" or gpu="A100-80GB"')}


def check(deployment: Deployment) -> Iterator[Hazard]:
    """One GPU, surely captured, of a type that Modal may choose."""
    gpu = deployment.gpu
    if deployment.snapshot != "gpu" or not isinstance(gpu, Gpu) or gpu.count != 1 or gpu.site is None:
        return
    confidence = Confidence.LIKELY if gpu.likely or deployment.snapshot_likely else Confidence.CERTAIN
    listed = isinstance(deployment.option("gpu").raw, Sequence) and len(gpu.types) > 1
    if listed:
        yield Hazard(
            gpu.site,
            f"{deployment.name} takes whichever of {', '.join(gpu.types)} is free, and a GPU snapshot fits one type only: "
            f"each of the {len(gpu.types)} needs 2 to 3 snapshots, made by slow starts after every deploy.",
            f'Name one type, such as gpu="{gpu.types[0]}", unless finding a free GPU matters more than fast starts.',
            confidence=confidence,
        )
    elif len(gpu.types) == 1 and gpu.types[0] in UPGRADES:
        other, pinned = UPGRADES[gpu.types[0]]
        yield Hazard(
            gpu.site,
            f'gpu="{gpu.types[0]}" of {deployment.name} may be answered with {other}, and a GPU snapshot fits one type only: '
            "both types need 2 to 3 snapshots each, made by slow starts after every deploy.",
            f"Pin the type: {pinned}.",
            confidence=confidence,
            subject=gpu.types[0] if " or " not in pinned else "",
        )
