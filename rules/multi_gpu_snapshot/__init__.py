"""More than one GPU under a GPU snapshot."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP106",
    name="multi-gpu-snapshot",
    summary="A GPU snapshot with more than one GPU per container usually fails or hangs.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("documented", "Multi-GPU is generally incompatible with GPU snapshots.", "https://modal.com/docs/guide/memory-snapshots"),
        Evidence(
            "measured",
            "Two H100, driver 580.159: one process on one or both is suspended and brought back; two ranks of NCCL are suspended and not brought back.",
        ),
        Evidence("reported", "A two-GPU vLLM restore fails.", "https://github.com/NVIDIA/cuda-checkpoint/issues/27"),
    ),
)
