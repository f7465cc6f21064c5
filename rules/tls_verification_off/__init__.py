"""SNAP606 tls-verification-off: certificate checks switched off in what is deployed."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP606",
    name="tls-verification-off",
    summary="Certificate checks are switched off for requests to the outside: a snapshot carries that setting into every container.",
    severity=Severity.WARNING,
    evidence=(
        Evidence(
            "reported",
            "certificate errors were those of a local machine; the helper that silenced them was meant for local development only",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
        Evidence(
            "reported",
            "CERTIFICATE_VERIFY_FAILED towards Modal comes from a local Python without CA certificates",
            "https://github.com/alexzhang13/rlm/issues/72",
        ),
    ),
    triggers=(b"verify", b"ssl", b"SSL", b"CERT", b"curl", b"wget", b"trusted", b"CA_BUNDLE", b"PYTHONHTTPSVERIFY", b"TLS", b"ockerfile"),
)
