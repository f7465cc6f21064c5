"""Snapshots are on and hold nothing but imports."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP110",
    name="empty-snapshot",
    summary="Snapshots are on, but nothing beyond imports runs before the capture, so there is little in it.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "source", "Only the import and enter(snap=True) hooks run before the capture (modal 1.6.4, _runtime/user_code_imports.py)."
        ),
    ),
)
