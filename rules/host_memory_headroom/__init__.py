"""SNAP306 host-memory-headroom: a memory limit that cannot hold the GPU's contents at the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP306",
    name="host-memory-headroom",
    summary="The container's memory limit is smaller than host memory plus GPU memory at the capture.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured",
            "a checkpoint moves device memory into the process: RSS 775 -> 1570 MB for a context and a 32 MiB tensor (H200, driver 580.159)",
        ),
        Evidence(
            "documented",
            "device memory is copied into host memory before the process is saved",
            "https://github.com/NVIDIA/cuda-checkpoint",
        ),
        Evidence(
            "documented",
            "memory=(request, limit) is a hard limit in MiB; a single number is a request",
            "https://modal.com/docs/guide/resources",
        ),
    ),
    triggers=(b"memory",),
)
