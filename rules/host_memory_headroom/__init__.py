"""The memory limit cannot hold the device memory at the capture."""

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
            "At the checkpoint resident memory grows by the GPU memory in use: 40 GiB on the device became 40 GiB of host memory.",
        ),
        Evidence("documented", "cuda-checkpoint copies device memory into host memory.", "https://github.com/NVIDIA/cuda-checkpoint"),
    ),
    triggers=(b"memory",),
)
