"""diffusers and accelerate offload before a GPU capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

METHODS = (
    "enable_model_cpu_offload",
    "enable_sequential_cpu_offload",
    "enable_group_offload",
    "apply_group_offloading",
    "cpu_offload",
    "cpu_offload_with_hook",
    "disk_offload",
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each offload switched on before a GPU capture."""
    if deployment.snapshot != "gpu":
        return
    for event in deployment.find(model.CALL, phases=(model.IMPORT, model.BEFORE, model.AFTER)):
        if event.name.rpartition(".")[2] in METHODS and not event.conditional:
            yield Hazard(
                event.site,
                f"{event.name.rpartition('.')[2]} keeps the weights of {deployment.name} in host memory: the GPU is nearly empty at the snapshot, and every request pays the transfer again.",
                'Use .to("cuda") on a GPU that holds the model.',
                confidence=confidence(deployment, event),
            )
