"""Processes forked after CUDA was initialised."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP203",
    name="forked-gpu-descriptors",
    summary="A process forked after CUDA is initialised keeps GPU descriptors it has no CUDA state for.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "A forked child keeps every /dev/nvidia* descriptor; gVisor of 2026-08 saves and restores it, with 45-120 MB more image for each.",
        ),
        Evidence(
            "reported", "gVisor of 2025 refused to save leftover device descriptors.", "https://github.com/google/gvisor/issues/12144"
        ),
    ),
)
