"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import SYMPTOM, Signature

WHY = (
    "The kernel ended a process because the container's memory was used up, after a capture had begun: the checkpoint copies GPU memory into the "
    "processes first."
)
HELP = "Ask for more memory= (host memory and GPU memory together), or give GPU memory back before the capture (sleep, release)."
SOURCE = (
    "measured: Linux 6.18, a process above the limit of its control group; after Modal's line that a capture begins (modal-client #4132)"
)
BEGUN = "Creating GPU memory snapshot"
# It comes after what it may be a consequence of, compile workers for one.
SIGNATURES = (
    Signature("Memory cgroup out of memory: Killed process", WHY, HELP, SOURCE, after=BEGUN, rank=SYMPTOM),
    Signature("oom-kill:constraint=CONSTRAINT_MEMCG", WHY, HELP, SOURCE, after=BEGUN, rank=SYMPTOM),
)
