"""A web server that only its own container can reach."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP112",
    name="localhost-listener",
    summary="The server behind a web endpoint listens on 127.0.0.1 only, so Modal never sees it ready.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("documented", "A web server must listen on an external interface (0.0.0.0).", "https://modal.com/docs/guide/webhooks"),
    ),
)
