"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Failed to toggle CUDA checkpoint state:",
        "The CUDA driver refused to suspend or resume a process.",
        "Read the driver's words behind it; let no kernel run and no NCCL group live when the hook ends.",
        "source: modal client, gpu_memory_snapshot.py",
    ),
    Signature(
        "Failed to toggle state after 3 retries",
        "The CUDA driver refused three times to suspend or resume a process.",
        "Let no kernel run and no NCCL group live when the hook ends.",
        "source: modal client, gpu_memory_snapshot.py",
    ),
    Signature(
        "Toggle command timed out",
        "Suspending a CUDA process took more than 180 s: much GPU memory, a running kernel, or NCCL.",
        "Put the engine to sleep before the snapshot, and synchronize before the hook ends.",
        "source: modal client; reported: modal-client #3835",
    ),
    Signature(
        "CUDA session not in running state",
        "A CUDA process was locked or suspended already when the capture began.",
        "Do not run cuda-checkpoint yourself before the snapshot.",
        "source: modal client, gpu_memory_snapshot.py",
        rank=CAUSE,
    ),
    Signature(
        "OS call failed or operation not supported on this OS",
        "cuda-checkpoint could not reach the process: no permission, another pid namespace, or a process that an out-of-memory restore left unusable (error 304).",
        "Restart the process; a process is lost after a failed restore.",
        "reported: NVIDIA/cuda-checkpoint #6, #37, #44",
    ),
)
