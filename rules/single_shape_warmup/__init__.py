"""One input size only before the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP402",
    name="single-shape-warmup",
    summary="The warm-up uses one input size only; kernels for other lengths are compiled after the restore.",
    severity=Severity.ADVICE,
    evidence=(Evidence("reported", "The four deployments of the cold-start article warm up with varied sequence lengths."),),
)
