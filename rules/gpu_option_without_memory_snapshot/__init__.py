"""The GPU snapshot option stands alone, or under a name that nothing reads."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP102",
    name="gpu-option-without-memory-snapshot",
    summary="The GPU snapshot option is set in a way that captures nothing: no enable_memory_snapshot, no gpu=, or a misspelt key.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "documented", "The GPU option needs enable_memory_snapshot=True as well.", "https://modal.com/docs/guide/memory-snapshots"
        ),
        Evidence(
            "source",
            "modal 1.6.4 ships experimental_options to the server as they are and checks none of their keys; without a GPU type the container skips the GPU step.",
        ),
    ),
    triggers=(b"experimental_options",),
)
