"""TorchInductor's helper processes are part of the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP204",
    name="inductor-workers",
    summary="torch.compile or SGLang without TORCHINDUCTOR_COMPILE_THREADS=1 leaves helper processes in the capture.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence(
            "documented",
            "torch.compile may make the snapshot fail; set TORCHINDUCTOR_COMPILE_THREADS=1.",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence(
            "measured",
            "With the pool alive (16 cores) gVisor of 2026-08 saved and restored right, with 1139 MB instead of 628 MB of image.",
        ),
    ),
    triggers=(b"torch.compile", b"sglang", b".compile(", b"enable_torch_compile"),
)
