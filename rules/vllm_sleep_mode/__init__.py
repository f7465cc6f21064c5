"""SNAP304 vllm-sleep-mode: vLLM captured awake, or put to sleep in a way that fails."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP304",
    name="vllm-sleep-mode",
    summary="vLLM is captured without sleep mode, /sleep is called without VLLM_SERVER_DEV_MODE=1, or level 2 without a reload.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "documented",
            "vLLM and SGLang need weights and KV cache offloaded by hand before the snapshot",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence(
            "documented",
            "Modal's example: --enable-sleep-mode, VLLM_SERVER_DEV_MODE=1, three warm-ups, /sleep level 1, /wake_up after the restore",
            "https://github.com/modal-labs/modal-examples",
        ),
        Evidence(
            "documented",
            "/sleep and /wake_up exist only with VLLM_SERVER_DEV_MODE=1; level 2 drops the weights (vLLM documentation, sleep mode)",
        ),
        Evidence("reported", "gibberish after level 2 without a reload", "https://github.com/vllm-project/vllm/issues/29341"),
        Evidence("reported", "garbled output after the restore of a vLLM whose sleep mode was silently off (one project)"),
    ),
    triggers=(b"vllm",),
    silences=("SNAP201",),
)
