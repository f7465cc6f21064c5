"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.finding import Severity
from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Software caused connection abort",
        "A connection opened before the snapshot was used after the restore: it is dead in every restored container.",
        "Open it in @modal.enter(snap=False) or at the first request.",
        "measured: gVisor, errno 103 right after the restore",
        rank=CAUSE,
        severity=Severity.ERROR,
    ),
    Signature(
        "Connection reset by peer",
        "Right after a restore a connection was found dead: most likely it was opened before the snapshot.",
        "Open it in @modal.enter(snap=False) or at the first request.",
        "measured: gVisor, right after the restore",
        after="Restoring Function from memory snapshot",
    ),
    Signature(
        "Broken pipe",
        "Right after a restore a connection was found dead: most likely it was opened before the snapshot.",
        "Open it in @modal.enter(snap=False) or at the first request.",
        "measured: gVisor, right after the restore",
        after="Restoring Function from memory snapshot",
    ),
)
