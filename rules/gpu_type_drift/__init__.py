"""SNAP703 gpu-type-drift: a GPU snapshot on a GPU that may be another one next time."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP703",
    name="gpu-type-drift",
    summary="An unpinned GPU type or a list of types multiplies the snapshots that must be made before starts are fast.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence(
            "documented", 'gpu="H100" may be answered with an H200, gpu="A100" with 80 GB; H100! pins', "https://modal.com/docs/guide/gpu"
        ),
        Evidence("documented", "2 to 3 snapshots are made for each GPU type", "https://modal.com/docs/guide/memory-snapshots"),
        Evidence(
            "documented", "CUDA state is restored on the same type of GPU only", "https://github.com/NVIDIA/cuda-checkpoint/issues/18"
        ),
    ),
    triggers=(b"enable_gpu_snapshot",),
)
