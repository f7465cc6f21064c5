"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.finding import Severity
from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "torch/_inductor/compile_worker",
        "TorchInductor's pool of compile workers is alive: it is captured with everything else, and it takes memory that the capture then lacks.",
        'Set TORCHINDUCTOR_COMPILE_THREADS="1" in the image, before anything compiles.',
        "documented: modal.com/docs/guide/memory-snapshots; measured: torch 2.13 runs its workers by this path; the article's error catalogue",
        rank=CAUSE,
        severity=Severity.WARNING,
    ),
)
