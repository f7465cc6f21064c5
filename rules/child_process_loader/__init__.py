"""A model in a child process that follows no known snapshot protocol."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP201",
    name="child-process-loader",
    summary="Under a snapshot the model lives in a child process that no known protocol covers.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "Children started by exec with a CUDA context were captured and restored, on the driver and under gVisor of 2026-08.",
        ),
        Evidence("reported", "A rewrite from a llama.cpp child to in-process loading took cold starts from 110-168 s to 13-33 s."),
        Evidence("source", "Modal's own vLLM and SGLang examples capture a child process that is waited for, warmed up and put to sleep."),
    ),
)
