"""Find managed allocations, and the switches that make a library use them, before a GPU capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.app.values import Reference, constant, options
from snapdoctor.engines.llama_server import UNIFIED_MEMORY
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

BEFORE = (model.IMPORT, model.BEFORE)
# Calls that allocate managed memory themselves (CUDA runtime and driver bindings, CuPy, Numba, RMM), and bitsandbytes' paged optimizers.
ALLOCATORS = re.compile(
    r"(^|\.)(cudaMallocManaged|cuMemAllocManaged)$|^cupy\.cuda\.(malloc_managed|ManagedMemory)$|^numba\.cuda\.managed_array$"
    r"|^rmm(\.mr)?\.ManagedMemoryResource$|^bitsandbytes\.optim\.Paged\w+$"
)
# Calls that choose an allocator for everything after them.
CHOOSERS = re.compile(r"^cupy\.cuda\.(set_allocator|MemoryPool)$|^rmm\.reinitialize$|^rmm\.mr\.set_current_device_resource$")
REASON = "and the CUDA driver cannot checkpoint a process that has any, so no snapshot is made"


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Managed memory at import or in a snapshot hook of a GPU-captured deployment."""
    if deployment.snapshot != "gpu":
        return
    yield from _ggml(deployment)
    for event in deployment.during(*BEFORE):
        said = None if event.conditional else _said(event)
        if said is not None:
            yield Hazard(
                event.site,
                f"{said} in {deployment.name}'s snapshot phase, {REASON}.",
                "Use plain device memory here, or do this after the snapshot, in @modal.enter(snap=False).",
                confidence=questions.confidence(deployment, event),
            )


def _ggml(deployment: Deployment) -> Iterator[Hazard]:
    """llama.cpp under any of its names, with the switch set to anything at all."""
    for event in questions.brings_up(deployment, *BEFORE):
        engine = questions.engine_of(event)
        if engine is None or not engine.ggml or event.conditional:
            continue
        setting = deployment.environment(UNIFIED_MEMORY, event)
        if setting.given is not True:
            continue
        yield Hazard(
            setting.site or event.site,
            f"{UNIFIED_MEMORY} makes {questions.title(event)} keep the model of {deployment.name} in CUDA managed memory, {REASON}.",
            f"Remove {UNIFIED_MEMORY}; setting it to 0 does not switch it off. If the model does not fit the GPU without it, take a larger GPU or "
            "load fewer layers (-ngl, n_gpu_layers).",
            confidence=questions.confidence(deployment, event),
            related=((event.site, f"{questions.title(event)} starts here, before the snapshot"),),
        )


def _said(event: Event) -> str | None:
    if ALLOCATORS.search(event.name):
        return f"{event.name} allocates CUDA managed memory"
    if CHOOSERS.search(event.name) and _chooses_managed(event):
        return f"{event.name} makes managed memory the allocator"
    return None


def _chooses_managed(event: Event) -> bool:
    if constant(event.arguments.get("managed_memory")) is True:
        return True
    given = (option for value in event.arguments.positional for option in options(value))
    return any(isinstance(value, Reference) and value.name == "cupy.cuda.malloc_managed" for value in given)
