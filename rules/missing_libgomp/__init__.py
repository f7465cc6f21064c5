"""SNAP502 missing-libgomp: llama.cpp on an image without the OpenMP runtime."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP502",
    name="missing-libgomp",
    summary="llama.cpp needs libgomp.so.1, and this base image does not have it: the container stops before there is anything to capture.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("measured", "the library that llama-cpp-python 0.3.36 loads links libgomp.so.1, and so does llama-server"),
        Evidence(
            "reported",
            "`libgomp.so.1: cannot open shared object file` on a CUDA runtime image, cured by libgomp1",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
    ),
    triggers=(b"llama",),
)
