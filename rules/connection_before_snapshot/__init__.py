"""SNAP601 connection-before-snapshot: a connection or an exporter that a restored container cannot use."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP601",
    name="connection-before-snapshot",
    summary="A connection to the outside is opened, or an exporter started, before the snapshot and kept: after a restore it is dead.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("documented", "live network connections are not part of a snapshot", "https://modal.com/blog/mem-snapshots"),
        Evidence(
            "measured",
            "after a restore an outside TCP connection gives ECONNABORTED on its first use (gVisor of 2025-12); gVisor of 2026-08 keeps it "
            "only where addresses and peer are unchanged. Loopback connections, listeners and threads survive on both",
        ),
    ),
    triggers=(b"enable_memory_snapshot",),
)
