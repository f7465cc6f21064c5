"""SNAP702 batch-wait: dynamic batching that holds a lone request for half a second or more."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP702",
    name="batch-wait",
    summary="Dynamic batching waits half a second or more, which every first answer after a cold start pays on top.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence(
            "documented",
            "a batch is sent when it is full or when wait_ms has passed since its first input",
            "https://modal.com/docs/guide/dynamic-batching",
        ),
        Evidence(
            "reported",
            "shortening wait_ms was one of the steps that took seconds off cold starts",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
    ),
    triggers=(b"wait_ms",),
)
