"""SNAP501 devel-image: a CUDA devel base under a recipe that compiles nothing."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP501",
    name="devel-image",
    summary="The image stands on an nvidia/cuda devel base although nothing in it is compiled: about 1.5 GB and a toolchain too much.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "reported",
            "a 12.4.1 runtime base instead of the devel one saved about 1.5 GB",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
        Evidence(
            "documented",
            "the driver is always there, pip wheels bring their own CUDA libraries; a devel tag is for nvcc or system CUDA libraries",
            "https://modal.com/docs/guide/cuda",
        ),
    ),
    triggers=(b"nvidia/cuda", b"ockerfile"),
)
