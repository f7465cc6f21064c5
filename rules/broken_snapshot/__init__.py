"""The saved snapshot is cut short, or was made by another runtime, and cannot be read."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP806",
    name="broken-snapshot",
    summary="The saved snapshot is cut short, or was made by another runtime, and cannot be read.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("measured", "runsc 2022-12, 2025-12, 2026-08 with truncated and foreign images."),
        Evidence("reported", "The same texts at restore.", "https://github.com/google/gvisor/issues/11842"),
    ),
)
