"""The snapshot was made on a machine that this one differs from: driver, GPU or CPU features."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP805",
    name="restore-elsewhere",
    summary="The snapshot was made on a machine that this one differs from: driver, GPU or CPU features.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("source", "gVisor: nvproxy compares driver and GPU at restore; the CPU feature set likewise."),
        Evidence("reported", "incompatible FeatureSet.", "https://github.com/google/gvisor/issues/11486"),
    ),
)
