"""CPU memory is captured although the state that matters is on the GPU."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP109",
    name="cpu-snapshot-only",
    summary="Memory snapshots are on without the GPU option, although GPU state is built, or wanted, in the capture.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "documented",
            "Without enable_gpu_snapshot no GPU is visible before the snapshot.",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
    ),
)
