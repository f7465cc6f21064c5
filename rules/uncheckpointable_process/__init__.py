"""A process that the checkpoint misses, or stumbles over."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP209",
    name="uncheckpointable-process",
    summary="A process is in a state in which the checkpoint misses it or fails over it.",
    severity=Severity.WARNING,
    evidence=(
        Evidence("source", "Modal's client up to 1.5 refused a CUDA process that was not in the running state (gpu_memory_snapshot.py)."),
        Evidence(
            "documented",
            "MIG and MPS are not supported by CUDA checkpoints.",
            "https://github.com/checkpoint-restore/criu/tree/criu-dev/plugins/cuda",
        ),
        Evidence("documented", "CUDA checkpoints are for x86-64 and drivers from 550 on.", "https://github.com/NVIDIA/cuda-checkpoint"),
        Evidence(
            "source",
            "The list of CUDA processes is made once, at the capture (modal 1.5.4, gpu_memory_snapshot.py; gVisor, state_cuda.go).",
        ),
        Evidence("measured", "CRIU 4.2 refuses a traced process and a nested pid namespace; gVisor saves both."),
    ),
)
