"""SNAP604 frozen-environment: secrets and container identities copied before the snapshot."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP604",
    name="frozen-environment",
    summary="A Secret or a per-container MODAL_* value is copied before the snapshot and used after it: restored containers keep the copy.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "source",
            "modal client 1.6.4 updates os.environ of the main process after a restore; what was copied out of it before stays as it was",
        ),
        Evidence("measured", "a restored process keeps the environment it was captured with (gVisor of 2025-12 and 2026-08)"),
        Evidence("documented", "the process environment is part of a snapshot", "https://modal.com/blog/mem-snapshots"),
    ),
    triggers=(b"enable_memory_snapshot",),
)
