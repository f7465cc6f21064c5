"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.finding import Severity
from snapdoctor.logs.signature import CAUSE, Signature

UNSAVED = (
    "can't save with live nvproxy clients",
    "nvproxy.frontendFD is not saveable",
    "nvproxy.uvmFD is not saveable",
    "Can't save pma with non-MemoryFile of type *nvproxy",
)
SIGNATURES = (
    *(
        Signature(
            fragment,
            "The snapshot could not be saved: a process still held /dev/nvidia* files. It was forked after CUDA was initialised, uses NVML only, or was not suspended.",
            "End such helpers before the hook returns; start workers with the spawn method, and set TORCHINDUCTOR_COMPILE_THREADS=1 where torch.compile runs.",
            "source: gVisor; reported: google/gvisor #10478, #12144",
            rank=CAUSE,
            severity=Severity.ERROR,
        )
        for fragment in UNSAVED
    ),
    Signature(
        "Cannot re-initialize CUDA in forked subprocess",
        "A worker was forked after CUDA was initialised in its parent; it cannot use CUDA, and it is captured with the parent's GPU descriptors.",
        'Start workers with the spawn method (multiprocessing.set_start_method("spawn"), VLLM_WORKER_MULTIPROC_METHOD=spawn).',
        "source: torch 2.13, torch/cuda/__init__.py",
        rank=CAUSE,
    ),
)
