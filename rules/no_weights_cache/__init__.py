"""SNAP505 no-weights-cache: the hub is read at every cold start."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP505",
    name="no-weights-cache",
    summary="Weights come from the hub, and neither a Volume nor the image keeps them: every cold start downloads them again.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("documented", "Modal advises a Volume for weights; it reads 1 to 2 GB/s", "https://modal.com/docs/guide/model-weights"),
        Evidence("measured", "files written to the container's own disk before a capture are saved with it (gVisor of 2025-12, 2026-08)"),
    ),
    silences=("SNAP504",),
)
