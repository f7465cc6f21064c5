"""The CUDA driver could not suspend or resume a process, so GPU memory was not captured or not put back."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP804",
    name="cuda-checkpoint-failed",
    summary="The CUDA driver could not suspend or resume a process, so GPU memory was not captured or not put back.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("source", "modal client, gpu_memory_snapshot.py: 180 s for a call, 540 s in all."),
        Evidence("reported", "Time-outs with large GPU memory.", "https://github.com/modal-labs/modal-client/issues/3835"),
    ),
)
