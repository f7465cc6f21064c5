"""Snapshots are on, but the model arrives after the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP104",
    name="load-after-snapshot",
    summary="Snapshots are on, but the model is loaded or the engine started after the capture, so every restore loads it again.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "source",
            "Plain enter hooks, web server and ASGI bodies, methods and function bodies run after the capture (modal 1.6.4, _runtime/user_code_imports.py).",
        ),
        Evidence("documented", "Only imports and enter(snap=True) hooks are captured.", "https://modal.com/docs/guide/memory-snapshots"),
    ),
    silences=("SNAP110",),
)
