"""A restore failed and the container was started without the snapshot: the gain is lost, and nothing else tells."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP802",
    name="restore-fallback",
    summary="A restore failed and the container was started without the snapshot: the gain is lost, and nothing else tells.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("source", "modal client: task_lifecycle_manager.py and gpu_memory_snapshot.py print these texts (exit code 222)."),
        Evidence(
            "reported", "Transient snapshot errors come with failed restores.", "https://github.com/modal-labs/modal-client/issues/4132"
        ),
    ),
)
