"""Names that Modal has retired."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP108",
    name="retired-spelling",
    summary="A Modal name that today's client rejects; the app, and with it the snapshot, does not deploy.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("source", "Renames and removals read in the history of the modal client up to 1.6.4."),
        Evidence("documented", "Modal 1.0 migration guide.", "https://modal.com/docs/guide/modal-1-0-migration"),
    ),
)
