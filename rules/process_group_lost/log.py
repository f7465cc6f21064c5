"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import Signature

SIGNATURES = (
    Signature(
        'Failed to check the "should dump" flag on TCPStore',
        "The store of a torch process group is gone since the restore.",
        "Destroy the process group before the snapshot and make it anew in @modal.enter(snap=False).",
        "reported: checkpoint-restore/criu #2980",
    ),
    Signature(
        "sendBytes failed on SocketImpl",
        "The store of a torch process group is gone since the restore.",
        "Destroy the process group before the snapshot and make it anew in @modal.enter(snap=False).",
        "reported: checkpoint-restore/criu #2980",
    ),
)
