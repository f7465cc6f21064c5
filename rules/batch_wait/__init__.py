"""A long wait for batches."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP702",
    name="batch-wait",
    summary="Dynamic batching waits half a second or more, which every first answer after a cold start pays on top.",
    severity=Severity.ADVICE,
    evidence=(Evidence("reported", "Reducing wait_ms was one of the small steps of the cold-start article."),),
    triggers=(b"batched",),
)
