"""The process that holds the model starts at the first request."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP206",
    name="late-child",
    summary="The process that holds the model starts only at the first request, and no request is made before the capture.",
    severity=Severity.ERROR,
    evidence=(
        Evidence("measured", "llama-server in router mode starts a child llama-server at the first request for a model."),
        Evidence("source", "Ollama starts its llama-server child at the first use of a model (llm/llama_server.go)."),
    ),
    triggers=(b"ollama", b"llama"),
    silences=("SNAP201",),
)
