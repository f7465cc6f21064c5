"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CONSEQUENCE, Signature

SIGNATURES = (
    Signature(
        "Transient snapshot error: failed to restore container from snapshot",
        "The restore failed; Modal retries without snapshots, so this start is a slow one.",
        "Look at the lines before it; if it repeats, redeploy and report the times to Modal.",
        "reported: modal-client #4132",
        rank=CONSEQUENCE,
    ),
    Signature(
        "GPU memory snapshot restore failed; retrying task without snapshot",
        "The GPU part of the restore failed; this start is a slow one.",
        "Read the error quoted in the same line.",
        "source: modal client, task_lifecycle_manager.py",
        rank=CONSEQUENCE,
    ),
    Signature(
        "Container runtime GPU memory restore failed:",
        "The container runtime could not restore GPU memory; this start is a slow one.",
        "Read the runtime's message in the same line.",
        "source: modal 1.6.4",
        rank=CONSEQUENCE,
    ),
)
