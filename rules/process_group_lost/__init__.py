"""The store behind a torch process group lost its connection over the restore."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP807",
    name="process-group-lost",
    summary="The store behind a torch process group lost its connection over the restore.",
    severity=Severity.WARNING,
    evidence=(Evidence("reported", "The texts after a restore.", "https://github.com/checkpoint-restore/criu/issues/2980"),),
)
