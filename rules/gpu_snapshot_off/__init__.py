"""A serving deployment loads a model and takes no snapshot."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP101",
    name="gpu-snapshot-off",
    summary="A serving GPU deployment loads its model anew at every cold start; a GPU memory snapshot is the largest single gain.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence("reported", "Cold starts became 5 to 24 times shorter in four deployments (diffusers, llama.cpp, llama-server, SGLang)."),
        Evidence("documented", "Modal reports 45 s to 5 s for a small model on vLLM.", "https://modal.com/blog/gpu-mem-snapshots"),
    ),
)
