"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "CERTIFICATE_VERIFY_FAILED",
        "The certificate of the other side could not be checked. On a local machine that is usually a Python without certificates or a proxy; it has nothing to do with the snapshot.",
        "Install certificates, or name the authority's file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE; do not switch the check off in the app.",
        "reported: alexzhang13/rlm #72; the article's error catalogue",
        rank=CAUSE,
    ),
    Signature(
        "InsecureRequestWarning",
        "Certificate checks are switched off in this process; a snapshot carries that into every container.",
        "Take verify=False out; for an authority of your own, name its file.",
        "source: urllib3 warns by this name",
    ),
)
