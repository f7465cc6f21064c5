"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False",
        "Weights were loaded to the GPU where none is visible: the snapshot phase of a CPU-only memory snapshot.",
        'Load with map_location="cpu" and move the model in @modal.enter(snap=False), or add experimental_options={"enable_gpu_snapshot": True}.',
        "source: torch, serialization.py",
        rank=CAUSE,
    ),
    Signature(
        "No CUDA GPUs are available",
        "This container was restored from a snapshot in which CUDA had been asked for while no GPU was visible; the answer stays in the process.",
        "Ask for the GPU only in @modal.enter(snap=False), or capture the GPU too.",
        "reported: pytorch #95073, modal-client #1997",
        after="Restoring Function from memory snapshot",
    ),
)
