"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Address already in use",
        "After a restore the port was bound a second time; the socket from before the snapshot is alive.",
        "Start the server in the snapshot hook only.",
        "measured: gVisor and CRIU",
        after="Restoring Function from memory snapshot",
        rank=CAUSE,
    ),
    Signature(
        "address already in use",
        "After a restore the port was bound a second time; the socket from before the snapshot is alive.",
        "Start the server in the snapshot hook only.",
        "measured: gVisor and CRIU",
        after="Restoring Function from memory snapshot",
        rank=CAUSE,
    ),
)
