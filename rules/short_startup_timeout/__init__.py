"""The start that makes the snapshot does not fit into its time limit."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP111",
    name="short-startup-timeout",
    summary="The hook that builds the capture cannot finish within the startup limit, so no snapshot is ever made.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "documented",
            "startup_timeout covers startup and falls back to timeout (300 s); an app.server has 30 s.",
            "https://modal.com/docs/guide/timeouts",
        ),
        Evidence("reported", "The first start after a deploy took 60-190 s in four deployments."),
    ),
)
