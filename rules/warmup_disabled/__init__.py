"""The engine's own warm-up is switched off."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP403",
    name="warmup-disabled",
    summary="The engine's own warm-up is switched off before a capture, where it would cost nothing.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("source", "llama-server and SGLang run a small request at start unless told not to (--no-warmup, --skip-server-warmup)."),
    ),
    triggers=(b"warmup",),
)
