"""CUDA is asked for while only CPU memory is captured and no GPU is visible."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP105",
    name="cuda-in-cpu-snapshot",
    summary="CUDA is touched, or a device chosen by availability, before a CPU-only snapshot, where no GPU is visible.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "documented",
            "Before a CPU-only snapshot no GPU is visible; torch.cuda.is_available() and its like then freeze CUDA at zero devices.",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
    ),
    silences=("SNAP109",),
)
