"""SNAP307 cpu-offload: offload hooks keep the weights off the GPU that the snapshot is meant to hold."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP307",
    name="cpu-offload",
    summary="Offload hooks keep the weights in host memory, so a GPU snapshot holds next to nothing of the model.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "source",
            "offload hooks leave each component on the CPU until it is called and move it back afterwards (diffusers, pipeline_utils.py)",
        ),
        Evidence(
            "measured",
            "a diffusers pipeline that stays on the CPU in its files' own dtype keeps all its safetensors files mapped (diffusers 0.42, on the CPU)",
        ),
        Evidence(
            "documented",
            "a GPU snapshot saves device memory; loading bytes from storage is what snapshots do not speed up",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
    ),
    triggers=(b"offload",),
)
