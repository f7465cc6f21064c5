"""SNAP602 frozen-randomness: random state or ids made once and then the same in every container."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP602",
    name="frozen-randomness",
    summary="A generator is seeded, or an id made, before the snapshot and used after it: the same in every restored container.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "two restores of one image: `random` repeats, and so do numpy's and torch's generators; uuid4, os.urandom and secrets drawn "
            "afterwards differ (gVisor of 2025-12 and 2026-08)",
        ),
        Evidence(
            "documented",
            "seeds and ids made before the snapshot are the same in all restores",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
    ),
    triggers=(b"enable_memory_snapshot",),
)
