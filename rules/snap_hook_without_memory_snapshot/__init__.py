"""A snapshot hook on a deployment without snapshots."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP103",
    name="snap-hook-without-memory-snapshot",
    summary="A class has an enter(snap=True) hook but does not set enable_memory_snapshot; Modal rejects it at import.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "source", "modal 1.6.4 raises InvalidError for a Cls or Server with an enter(snap=True) hook and no enable_memory_snapshot."
        ),
    ),
    triggers=(b"snap",),
)
