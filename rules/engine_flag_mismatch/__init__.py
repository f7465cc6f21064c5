"""SNAP302 engine-flag-mismatch: a flag that the installed engine rejects or ignores."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP302",
    name="engine-flag-mismatch",
    summary="A flag that the installed engine version rejects or silently ignores.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured",
            "llama-server of 0.5.0-dev: --no-mmap and --load-mode=none exit with status 1; LLAMA_ARG_NO_MMAP=1 is ignored and the mapping stays",
        ),
        Evidence(
            "measured", "llama-server b10092 exits with status 1 on --load-mode; b10434 takes both spellings, the old ones with a warning"
        ),
        Evidence(
            "documented",
            "llama.cpp introduced --load-mode in July 2026 and removed the old flags in September",
            "https://github.com/ggml-org/llama.cpp/pull/28334",
        ),
        Evidence("reported", "b10884 and release 0.4.1 are the first to reject --no-mmap"),
        Evidence("measured", "Llama(no_mmap=True) of llama-cpp-python 0.3.36 loads and keeps the mapping: unknown keywords are dropped"),
        Evidence(
            "measured", "sglang 0.5.23 exits at parsing on --cuda-graph-max-bs, on switches written as --switch=1 and on underscored names"
        ),
        Evidence("source", "torch_memory_saver raises when PYTORCH_CUDA_ALLOC_CONF holds expandable_segments:True (entrypoint.py)"),
    ),
    triggers=(b"llama", b"sglang", b"LLAMA_ARG"),
)
