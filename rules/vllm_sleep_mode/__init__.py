"""vLLM captured without sleep mode."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP304",
    name="vllm-sleep-mode",
    summary="vLLM is captured without sleep mode, /sleep is called without VLLM_SERVER_DEV_MODE=1, or level 2 without a reload.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("source", "Modal's vLLM snapshot examples start with --enable-sleep-mode, call /sleep before and /wake_up after."),
        Evidence(
            "documented",
            "The HTTP routes exist only with VLLM_SERVER_DEV_MODE=1; level 2 drops the weights.",
            "https://docs.vllm.ai/en/latest/features/sleep_mode.html",
        ),
    ),
    triggers=(b"vllm",),
    silences=("SNAP201",),
)
