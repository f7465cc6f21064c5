"""SNAP303 sglang-memory-saver: SGLang captured without giving its memory back, or without a way to get the weights again."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP303",
    name="sglang-memory-saver",
    summary="SGLang is captured without --enable-memory-saver, released without --enable-weights-cpu-backup, or never released.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "documented",
            "vLLM and SGLang need weights and KV cache offloaded by hand before the snapshot",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence(
            "documented",
            "Modal's example: --enable-memory-saver and --enable-weights-cpu-backup, release after the warm-up, resume after the restore",
            "https://modal.com/docs/examples/sglang_snapshot",
        ),
        Evidence(
            "source",
            "without --enable-memory-saver the release call answers OK and frees nothing (sglang 0.5.23, torch_memory_saver_adapter.py)",
        ),
        Evidence(
            "documented",
            "weights resumed without a CPU backup hold garbage until they are loaded again",
            "https://github.com/sgl-project/sglang/pull/10873",
        ),
    ),
    triggers=(b"sglang",),
    silences=("SNAP201",),
)
