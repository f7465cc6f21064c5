"""Offload hooks keep the weights off the GPU."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP307",
    name="cpu-offload",
    summary="Offload hooks keep the weights in host memory, so a GPU snapshot holds next to nothing of the model.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "With CPU offload the pipeline's weights stay in host memory (and file-mapped when the dtype matches); diffusers 0.42.",
        ),
    ),
    triggers=(b"offload",),
)
