"""SNAP603 frozen-clock: a time kept from before the snapshot."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP603",
    name="frozen-clock",
    summary="A time, deadline or expiry is read before the snapshot and used after it: a restored container finds it hours or days old.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "over an 8 s gap between save and restore both the wall clock and CLOCK_MONOTONIC moved on by it; timers of 3 s and 6 s "
            "were due at once (gVisor of 2025-12 and 2026-08)",
        ),
        Evidence("documented", "a snapshot is used many times, after an arbitrary pause", "https://modal.com/blog/mem-snapshots"),
    ),
    triggers=(b"enable_memory_snapshot",),
)
