"""SNAP701 short-scaledown-window: a serving GPU deployment that stops after one idle minute, unasked."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP701",
    name="short-scaledown-window",
    summary="A serving GPU deployment keeps the default idle window of 60 s, so any pause longer than a minute costs a cold start.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence(
            "documented",
            "an idle container is stopped after scaledown_window, 60 s by default, and is billed until then",
            "https://modal.com/docs/guide/cold-start",
        ),
        Evidence("reported", "GPU list prices as transcribed on 2026-08-19 in two public notes that agree", "https://modal.com/pricing"),
        Evidence("source", "the client takes 2 to 3600 s (modal 1.6.2 and later, _functions.py)"),
    ),
    triggers=(b"gpu",),
)
