"""CUDA before a CPU-only capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

ASKS = (
    "is_available",
    "device_count",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "mem_get_info",
    "current_device",
)
HARMLESS = ("torch.cuda.empty_cache", "torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "torch.cuda.ipc_collect")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for the first use of CUDA before a CPU-only capture of a deployment that has a GPU."""
    if deployment.snapshot != "cpu" or not isinstance(deployment.gpu, Gpu) or not deployment.gpu_snapshot.known:
        return
    for event in deployment.during(model.IMPORT, model.BEFORE):
        if not event.handler and (reason := _reason(deployment, event)) is not None:
            yield Hazard(
                event.site,
                f"{reason} before the CPU-only snapshot of {deployment.name}. No GPU is visible there, and the answer stays frozen in every restored container.",
                'Capture GPU memory too (experimental_options={"enable_gpu_snapshot": True}), or load on the CPU here and touch CUDA only in @modal.enter(snap=False).',
                confidence=confidence(deployment, event),
                related=((deployment.site, "only CPU memory is captured"),),
            )
            return


def _reason(deployment: Deployment, event: Event) -> str | None:
    if event.kind == model.CUDA and event.name not in HARMLESS:
        asks = event.name.rpartition(".")[2] in ASKS
        return f"{event.name} {'asks for the GPU' if asks else 'uses CUDA'}"
    told = event.kind == model.MOVE or (event.load is not None and not event.load.child and event.kind == model.LOAD)
    if told and event.device == "cuda":
        return "The model is put on the GPU"
    xformers = event.kind == model.IMPORTED and event.name.partition(".")[0] == "xformers"
    if xformers and deployment.environment("XFORMERS_ENABLE_TRITON").given is False:
        return "Importing xformers asks for the GPU (XFORMERS_ENABLE_TRITON=1 avoids it)"
    return None
