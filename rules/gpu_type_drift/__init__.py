"""A GPU request that may be served by several GPU types."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP703",
    name="gpu-type-drift",
    summary="An unpinned GPU type or a list of types multiplies the snapshots that must be made before starts are fast.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence("documented", 'gpu="H100" may be upgraded to H200, "A100" to 80 GB; H100! pins.', "https://modal.com/docs/guide/gpu"),
        Evidence("documented", "Two or three snapshots are made for each GPU type.", "https://modal.com/docs/guide/memory-snapshots"),
    ),
)
