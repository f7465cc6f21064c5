"""Uses of managed memory before a GPU capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_starts, model_loads
from snapdoctor.app.values import Made, Reference, constant
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Site

GGML = "GGML_CUDA_ENABLE_UNIFIED_MEMORY"
CALLS = ("cupy.cuda.malloc_managed", "cupy.cuda.memory.malloc_managed", "numba.cuda.managed_array", "rmm.reinitialize")
WHY = "CUDA managed memory cannot be checkpointed: the driver refuses, and no snapshot is made"


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each known way to managed memory."""
    if deployment.snapshot != "gpu":
        return
    yield from _ggml(deployment)
    for event in deployment.during(model.IMPORT, model.BEFORE):
        paged = event.name.startswith("bitsandbytes.optim.Paged")
        managed = event.name in CALLS and (event.name != "rmm.reinitialize" or constant(event.arguments.get("managed_memory")) is True)
        handed = any(isinstance(value, (Reference, Made)) and value.name in CALLS for value in event.arguments.positional)
        if (paged or managed or handed) and not event.conditional:
            yield _hazard(deployment, event.site, event.name, "Use ordinary device memory here.")


def _ggml(deployment: Deployment) -> Iterator[Hazard]:
    llama = [
        event
        for event in engine_starts(deployment, model.BEFORE)
        if event.launch is not None and event.launch.engine in ("llama-server", "llama-cpp-python", "ollama")
    ]
    llama += [
        event
        for event in model_loads(deployment, model.IMPORT, model.BEFORE)
        if event.load is not None and event.load.engine == "llama-cpp-python"
    ]
    for event in llama:
        setting = deployment.environment(GGML, event)
        if setting.given is True and setting.known:
            yield Hazard(
                setting.site or event.site,
                f"{GGML} makes llama.cpp use managed memory in {deployment.name}. {WHY}.",
                f"Remove {GGML}; fit the model into device memory with -ngl or a smaller quantisation.",
                confidence=confidence(deployment, event),
            )


def _hazard(deployment: Deployment, site: Site, name: str, remedy: str) -> Hazard:
    return Hazard(site, f"{name} uses managed memory in {deployment.name}. {WHY}.", remedy)
