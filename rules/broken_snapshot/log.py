"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "header error: unexpected EOF",
        "The snapshot is cut short or comes from another runtime.",
        "Redeploy to make a new one.",
        "measured: runsc",
        rank=CAUSE,
    ),
    Signature(
        "failed to read metadata: unexpected EOF",
        "The snapshot is cut short or comes from another runtime.",
        "Redeploy to make a new one.",
        "measured: runsc",
        rank=CAUSE,
    ),
    Signature(
        'urpc method "containerManager.Restore" failed: EOF',
        "The container runtime stopped while it restored.",
        "Redeploy to make a new snapshot; report it to Modal if it repeats.",
        "reported: google/gvisor #9767",
    ),
    Signature(
        "does not match across checkpoint restore for container",
        "Arguments, folder, mounts or capabilities of the container differ from those of the snapshot.",
        "Redeploy to make a new one.",
        "measured: runsc",
        rank=CAUSE,
    ),
)
