"""The capture itself failed, so there is no snapshot to restore from and every start is a slow one."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP803",
    name="snapshot-not-created",
    summary="The capture itself failed, so there is no snapshot to restore from and every start is a slow one.",
    severity=Severity.ERROR,
    evidence=(Evidence("reported", "The tail of the line is the message of runsc.", "https://github.com/google/gvisor/issues/10788"),),
)
