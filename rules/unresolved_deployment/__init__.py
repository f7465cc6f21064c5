"""The tool's own: a deployment that could not be followed to its end."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP903",
    name="unresolved-deployment",
    summary="Part of a deployment's life could not be read, so rules about missing steps stay silent for it.",
    severity=Severity.ADVICE,
    evidence=(Evidence("source", "What partial evaluation of the file could and could not follow."),),
    default=False,
)
