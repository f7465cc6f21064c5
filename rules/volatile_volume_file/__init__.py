"""SNAP605 volatile-volume-file: a Volume file that the snapshot holds on to and that may be gone or changed."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP605",
    name="volatile-volume-file",
    summary="A Volume file is open or mapped when the snapshot is taken: gone, it makes the restore fail; changed, nobody notices.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "a file open or mapped at the save and missing at the restore fails the whole restore; one with new bytes is read silently, "
            "one that shrank gives SIGBUS (gVisor of 2022-12, 2025-12, 2026-08). Files on the container's own disk come back",
        ),
        Evidence(
            "documented",
            "deleting a Volume file that the snapshot uses makes the restore fail",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence(
            "reported", "a restore failed on a Volume file that was missing", "https://github.com/modal-labs/modal-examples/issues/1558"
        ),
    ),
    triggers=(b"enable_memory_snapshot",),
)
