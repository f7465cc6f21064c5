"""SNAP305 managed-memory: CUDA managed (unified) memory, which no checkpoint can hold."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP305",
    name="managed-memory",
    summary="CUDA managed (unified) memory cannot be checkpointed, so no GPU snapshot can be made.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured", "one cuMemAllocManaged and cuCheckpointProcessCheckpoint answers CUDA_ERROR_NOT_SUPPORTED (H200, driver 580.159)"
        ),
        Evidence("measured", 'under gVisor of 2026-08 the save fails: cuda-checkpoint --toggle says "operation not supported"'),
        Evidence(
            "measured",
            "it shows in a live process: 2 MiB of /dev/nvidia-uvm are mapped for each context, and each managed allocation maps more "
            "(18 programs on an H100, driver 580.159)",
        ),
        Evidence("documented", "cuda-checkpoint names UVM as unsupported", "https://github.com/NVIDIA/cuda-checkpoint"),
        Evidence(
            "source", "llama.cpp calls cudaMallocManaged when GGML_CUDA_ENABLE_UNIFIED_MEMORY is set, whatever its value (ggml-cuda.cu)"
        ),
    ),
    triggers=(b"UNIFIED_MEMORY", b"anaged", b"Paged", b"paged_"),
)
