"""A control call that the server will refuse."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP208",
    name="control-call-without-key",
    summary="A sleep, release, wake or resume call lacks the API key that the same command line demands.",
    severity=Severity.ERROR,
    evidence=(Evidence("source", "SGLang and vLLM protect their routes with --api-key; requests without the bearer token get 401."),),
    triggers=(b"api-key", b"api_key", b"API_KEY"),
)
