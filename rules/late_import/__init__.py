"""A heavy library is imported only after the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP107",
    name="late-import",
    summary="A heavy library is imported only after the snapshot, so every restored container pays for the import.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence("documented", "import torch took 5 s cold and about 1 s from a snapshot.", "https://modal.com/blog/mem-snapshots"),
        Evidence(
            "measured", "A fastapi_endpoint was ready 678 ms after the restore when the module had not imported fastapi, 45 ms when it had."
        ),
    ),
)
