"""Find offload hooks on models that are loaded before a GPU capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

METHODS = ("enable_model_cpu_offload", "enable_sequential_cpu_offload", "enable_group_offload")
FUNCTIONS = (
    "accelerate.cpu_offload",
    "accelerate.big_modeling.cpu_offload",
    "accelerate.cpu_offload_with_hook",
    "accelerate.disk_offload",
    "diffusers.hooks.apply_group_offloading",
)
UNDO = ("remove_all_hooks", "reset_device_map", "disable_group_offload")
BEFORE = (model.IMPORT, model.BEFORE)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Offload hooks set before the capture, or set after it on a model loaded before."""
    if deployment.snapshot != "gpu":
        return
    loaded = [id(event.load) for event in questions.model_loads(deployment, *BEFORE) if not event.conditional]
    for event in deployment.during(*BEFORE, model.AFTER):
        if event.conditional or not _offloads(event) or _is_undone(deployment, event):
            continue
        if event.phase == model.AFTER and id(event.load) not in loaded:
            continue
        method = event.name.rpartition(".")[2]
        yield Hazard(
            event.site,
            f"{method} keeps the weights of {deployment.name} in host memory and carries them to the GPU for each call: "
            "at the capture the GPU is nearly empty, so its snapshot wins nothing.",
            'Move the whole model to the GPU before the snapshot, .to("cuda"); if it does not fit, take a larger GPU or quantised weights. '
            "If offloading is what you want, leave enable_gpu_snapshot off.",
            confidence=questions.confidence(deployment, event),
        )


def _offloads(event: Event) -> bool:
    return event.kind in (model.CALL, model.OPAQUE) and (event.name.rpartition(".")[2] in METHODS or event.name in FUNCTIONS)


def _is_undone(deployment: Deployment, event: Event) -> bool:
    """Whether hooks are taken off again before the capture."""
    events = list(deployment.during(*BEFORE, model.AFTER))
    after = events[events.index(event) + 1 :]
    return any(other.name.rpartition(".")[2] in UNDO for other in after)
