"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "A class must have `enable_memory_snapshot=True` to use `snap=True` on its methods.",
        "Modal refuses the class: it has a snapshot hook, but its snapshot is off.",
        "Add enable_memory_snapshot=True to the class decorator.",
        "source: modal client, app.py",
        rank=CAUSE,
    ),
)
