"""A failed sleep or wake goes unnoticed."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP207",
    name="swallowed-control-error",
    summary="A sleep, release, wake or resume step ignores its failure, so a broken snapshot looks healthy.",
    severity=Severity.ADVICE,
    evidence=(Evidence("reported", "One project saw garbled output after the restore when sleep mode was silently off."),),
)
