"""A serving GPU deployment with the default idle window."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP701",
    name="short-scaledown-window",
    summary="A serving GPU deployment keeps the default idle window of 60 s, so any pause longer than a minute costs a cold start.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence("documented", "scaledown_window defaults to 60 s; idle containers are billed.", "https://modal.com/docs/guide/cold-start"),
    ),
)
