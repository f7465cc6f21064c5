"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Runner segmentation fault (SIGSEGV), exit code: 139",
        "The restored process died with a segmentation fault in the GPU restore.",
        "Load only what is needed before the snapshot, and leave CTranslate2 and other holders of raw CUDA handles to @modal.enter(snap=False); report it to Modal with the times.",
        "reported: modal-client #4132",
        rank=CAUSE,
    ),
)
