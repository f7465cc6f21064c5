"""SNAP503 source-build: CUDA packages compiled in the image although prebuilt wheels exist."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP503",
    name="source-build",
    summary="A package is compiled in the image although a prebuilt wheel exists: every rebuild takes minutes and drags a devel base along.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence("measured", "building llama-cpp-python 0.3.36 from source took 12 minutes on 2 cores, for the CPU alone"),
        Evidence(
            "documented",
            "CUDA wheel indexes of llama-cpp-python: cu118, cu121 to cu125, cu130, cu132; PyPI has the source only",
            "https://github.com/abetlen/llama-cpp-python",
        ),
        Evidence(
            "reported",
            "prebuilt wheels on a runtime image were part of bringing a GLM-4.7-Flash cold start down",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
    ),
    triggers=(b"llama", b"flash", b"ockerfile"),
)
