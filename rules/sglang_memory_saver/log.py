"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "will not save memory because torch_memory_saver is not enabled",
        "SGLang was asked to release memory without its memory saver: it answers OK, frees nothing, and is captured with weights and KV cache.",
        "Start it with --enable-memory-saver --enable-weights-cpu-backup.",
        "source: sglang 0.5.23, srt/utils/torch_memory_saver_adapter.py",
        rank=CAUSE,
    ),
)
