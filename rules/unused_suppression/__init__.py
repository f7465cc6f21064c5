"""The tool's own: a suppression that suppresses nothing."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP902",
    name="unused-suppression",
    summary="A `# snapdoctor: ignore[...]` comment that suppresses nothing, names no rule, or is malformed.",
    severity=Severity.WARNING,
    evidence=(Evidence("source", "The comment and the findings of the same run."),),
)
