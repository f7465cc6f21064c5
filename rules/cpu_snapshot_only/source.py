"""GPU deployments that capture CPU memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import brings_up, confidence, engine_of, title, wants_gpu
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard where a GPU engine or model comes up before a CPU-only capture."""
    if (
        deployment.snapshot != "cpu"
        or not isinstance(deployment.gpu, Gpu)
        or not deployment.gpu_snapshot.known
        or deployment.kind == "mixin"
    ):
        return
    moved = any(
        event.device == "cuda" or event.name.endswith("set_device")
        for event in deployment.find(model.MOVE, model.CUDA, phases=(model.AFTER,))
    )
    for event in brings_up(deployment, model.IMPORT, model.BEFORE):
        engine = engine_of(event)
        if (engine is not None and engine.cpu_protocol) or wants_gpu(event) is not True or (moved and event.kind == model.LOAD):
            continue
        yield Hazard(
            deployment.memory_snapshot.site or deployment.site,
            f"{deployment.name} brings up {title(event)} on the GPU before the snapshot, but only CPU memory is captured: no GPU is visible there.",
            'Add experimental_options={"enable_gpu_snapshot": True} beside enable_memory_snapshot=True.',
            confidence=confidence(deployment, event),
            related=((event.site, "brought up here"),),
        )
        return
