"""CUDA managed memory cannot be checkpointed."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP305",
    name="managed-memory",
    summary="CUDA managed (unified) memory cannot be checkpointed, so no GPU snapshot can be made.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured", "With cuMemAllocManaged the driver answers CUDA_ERROR_NOT_SUPPORTED, and runsc's save fails (H200, driver 580)."
        ),
    ),
    triggers=(b"UNIFIED_MEMORY", b"managed", b"Managed", b"aged"),
)
