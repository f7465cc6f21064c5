"""A port is bound again after the restore, although the socket that listened before the snapshot came back with it."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP808",
    name="port-bound-twice",
    summary="A port is bound again after the restore, although the socket that listened before the snapshot came back with it.",
    severity=Severity.ERROR,
    evidence=(Evidence("measured", "Binding again after the restore fails on runsc 2022-12, 2025-12, 2026-08 and CRIU 4.2."),),
)
