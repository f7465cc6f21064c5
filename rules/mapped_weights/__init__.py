"""Weights are memory-mapped at the capture."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP301",
    name="mapped-weights",
    summary="Weights are memory-mapped at the capture, which ties every restore to that file, unchanged, for the life of the snapshot.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "measured",
            "llama-server on a GPU under gVisor of 2026-08: with the mapping on, a deleted file made the restore fail and an overwritten one gave wrong tokens silently; with it off both restored right.",
        ),
        Evidence("source", "Pages of file mappings are not in the image; gVisor reads them from the file again (pkg/sentry/fsimpl/gofer)."),
    ),
)
