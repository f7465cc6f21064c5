"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "invalid argument: --no-mmap",
        "This llama.cpp has no --no-mmap any more (removed in September 2026, b10884, 0.4.1): it exits with status 1.",
        "Write --load-mode none instead.",
        "measured: llama.cpp 0.5.0-dev exits with this text",
        rank=CAUSE,
    ),
    Signature(
        "invalid argument: --mlock",
        "This llama.cpp has no --mlock any more (removed in September 2026, b10884, 0.4.1): it exits with status 1.",
        "Write --load-mode mlock instead.",
        "measured: llama.cpp 0.5.0-dev exits with this text",
        rank=CAUSE,
    ),
    Signature(
        "invalid argument: --load-mode",
        "This llama.cpp is older than --load-mode (July 2026): it exits with status 1.",
        "Write --no-mmap with this build, or pin a build from September 2026 or later.",
        "measured: the parser's words for an unknown argument",
        rank=CAUSE,
    ),
    Signature(
        "ambiguous option: --cuda-graph-max-bs",
        "SGLang has split --cuda-graph-max-bs in two (by 0.5.15) and exits at the old name.",
        "Write --cuda-graph-max-bs-decode (and --cuda-graph-max-bs-prefill, if you want both).",
        "measured: the parser of SGLang 0.5.23",
        rank=CAUSE,
    ),
    Signature(
        "unrecognized arguments: --enable-cpu-backup",
        "SGLang has no flag --enable-cpu-backup and exits.",
        "Write --enable-weights-cpu-backup.",
        "measured: the parser of SGLang 0.5.23",
        rank=CAUSE,
    ),
    Signature(
        "unrecognized arguments: --no-mmap",
        "llama_cpp.server has no --no-mmap, which belongs to llama-server, and exits with status 2.",
        "Write --use_mmap false instead.",
        "measured: llama-cpp-python 0.3.36",
        rank=CAUSE,
    ),
)
