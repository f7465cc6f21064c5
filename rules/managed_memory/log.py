"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "CUDA_ERROR_NOT_SUPPORTED",
        "The driver cannot checkpoint this process: it uses managed (unified) or IPC memory, or the driver is older than 575.57.08 and sees only some of the GPUs.",
        "Remove GGML_CUDA_ENABLE_UNIFIED_MEMORY, cudaMallocManaged and paged optimizers from the snapshot phase.",
        "measured: cuMemAllocManaged, driver 580; reported: NVIDIA/cuda-checkpoint #12, #34, #51",
        rank=CAUSE,
    ),
)
