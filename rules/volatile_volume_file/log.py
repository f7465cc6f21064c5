"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.finding import Severity
from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        'failed to walk "',
        "A file that was open or mapped at the capture is gone: the restore fails until it is back.",
        "Keep the file (a committed Volume, or the image), or close it before the hook ends; redeploy to make a new snapshot.",
        "measured: gVisor runsc 2025-12 and 2026-08",
        also="no such file or directory",
        rank=CAUSE,
        severity=Severity.ERROR,
    ),
    Signature(
        'restoring container "',
        "A file that was open or mapped at the capture is gone: the restore fails until it is back.",
        "Keep the file (a committed Volume, or the image), or close it before the hook ends; redeploy to make a new snapshot.",
        "measured: gVisor runsc 2022 to 2024",
        also=": no such file or directory",
        rank=CAUSE,
        severity=Severity.ERROR,
    ),
    Signature(
        "encoding error at object gofer.dentry{",
        "The snapshot could not be saved: a deleted file was still open or mapped.",
        "Close files before they are deleted, and temporary ones before the hook ends.",
        "measured: gVisor before 2025-03",
        also="dead:true",
        rank=CAUSE,
        severity=Severity.ERROR,
    ),
    Signature(
        "failed to re-create deleted file",
        "A file that was deleted but open at the capture has been made anew since: the restore fails.",
        "Close files before they are deleted, and do not write under their names again.",
        "reported: google/gvisor #11425",
        rank=CAUSE,
        severity=Severity.ERROR,
    ),
    Signature(
        "SIGBUS",
        "After a restore a mapped file was shorter than at the capture.",
        "Do not rewrite files that a snapshot maps; write new names and redeploy.",
        "measured: gVisor, signal 7 after the restore",
        after="Restoring Function from memory snapshot",
    ),
)
