"""SGLang captured without its own memory protocol."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP303",
    name="sglang-memory-saver",
    summary="SGLang is captured without --enable-memory-saver, released without --enable-weights-cpu-backup, or never released.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "source",
            "Modal's published SGLang recipe (modal-examples, sglang_snapshot.py) uses both flags, releases before and resumes after.",
        ),
        Evidence("source", "Without --enable-memory-saver the release call answers OK and frees nothing (SGLang's no-op adapter)."),
        Evidence(
            "documented",
            "Without the weight backup resumed weights hold garbage (SGLang PR #10873).",
            "https://github.com/sgl-project/sglang/pull/10873",
        ),
    ),
    triggers=(b"sglang",),
    silences=("SNAP201",),
)
