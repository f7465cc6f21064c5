"""Nothing runs the model before the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP401",
    name="missing-warmup",
    summary="No inference runs between the load and the capture, so every restored container does the first-use work itself.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "documented",
            "Warm up before the snapshot, so that compiled kernels and graphs are in it.",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence("source", "Modal's vLLM and SGLang examples send three requests before the snapshot."),
    ),
)
