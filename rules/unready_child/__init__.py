"""The capture may be taken while the engine is still loading."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP202",
    name="unready-child",
    summary="An engine is started before the capture and the hook returns without waiting until it is ready.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "source",
            "The snapshot is taken as soon as the last enter(snap=True) hook returns (modal 1.6.4, _runtime/user_code_imports.py).",
        ),
        Evidence("measured", "llama-server listens before it loads: /health answers 503, then 200. An open port is not readiness."),
    ),
    silences=("SNAP201",),
)
