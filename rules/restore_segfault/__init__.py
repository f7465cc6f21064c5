"""A restored process dies with SIGSEGV, mostly within seconds of the restore."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP801",
    name="restore-segfault",
    summary="A restored process dies with SIGSEGV, mostly within seconds of the restore.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "reported",
            "24 of 41 restores on an H100 with CTranslate2 and torchaudio; they cluster in time.",
            "https://github.com/modal-labs/modal-client/issues/4132",
        ),
        Evidence("reported", "The article saw it with an early client and no more after an update."),
    ),
)
