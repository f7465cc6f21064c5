"""The tool's own: a file that is not Python."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP901",
    name="unparsable-file",
    summary="A file that imports modal cannot be read as Python, so nothing in it was checked.",
    severity=Severity.ERROR,
    evidence=(Evidence("source", "The parser's own message."),),
)
