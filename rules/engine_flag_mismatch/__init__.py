"""A flag the installed engine rejects or ignores."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP302",
    name="engine-flag-mismatch",
    summary="A flag that the installed engine version rejects or silently ignores.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured",
            "Today's llama-server exits with status 1 on --no-mmap, --mmap and --mlock, and on --load-mode=none; LLAMA_ARG_NO_MMAP is ignored; Llama(no_mmap=True) is swallowed.",
        ),
        Evidence("measured", "sglang 0.5.23 exits at parsing on --cuda-graph-max-bs (ambiguous) and on underscored names."),
    ),
    triggers=(b"llama", b"sglang"),
)
