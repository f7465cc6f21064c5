"""Slept and not woken, woken and not slept, or twice."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP205",
    name="unpaired-sleep",
    summary="The engine is put to sleep before the capture and not woken after it, or woken without sleeping, or twice.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("source", "Modal's vLLM and SGLang examples sleep or release before the snapshot and wake or resume after it."),
        Evidence(
            "source",
            "SGLang raises KeyError on a second resume without a release between (srt/managers/scheduler_components/weight_updater.py).",
        ),
    ),
)
