"""SNAP301 mapped-weights: weights that are still a mapped file when the snapshot is taken."""

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
            "llama-server on a GPU under gVisor of 2026-08, default load mode: with the model file in place the restore gives the same tokens; with it deleted the restore "
            "fails; with bytes overwritten the restored server answers with wrong tokens and no error. With --load-mode none all three restore right (image 5 % larger)",
        ),
        Evidence(
            "measured", "mapped file pages are not in a gVisor or CRIU image; they are read from the file system again after the restore"
        ),
        Evidence(
            "documented",
            "deleting a Volume file that snapshotted processes use makes the restore fail",
            "https://modal.com/docs/guide/memory-snapshots",
        ),
        Evidence(
            "reported",
            "two authors call --no-mmap mandatory for a snapshot of llama-server; our measurement and a report of Ollama restoring with the mapping on say it is not",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
    ),
    triggers=(b"enable_memory_snapshot", b"snap=True"),
)
