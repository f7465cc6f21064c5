"""Texts that it leaves in logs: the access log of uvicorn, which serves vLLM's and SGLang's routes."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

RECORDED = "measured: uvicorn's access log; source: vLLM and SGLang serve their control routes with it"


def _refused(path: str, what: str) -> Signature:
    return Signature(
        f"POST {path}",
        f"The server refused to {what}: the call came without the API key that its command line demands, so the snapshot holds, or wakes to, the wrong state.",
        'Send the key with it, {"Authorization": "Bearer " + key}, and check the status (raise_for_status()).',
        RECORDED,
        also='" 401 Unauthorized',
        rank=CAUSE,
    )


SIGNATURES = (
    _refused("/sleep", "sleep"),
    _refused("/wake_up", "wake up"),
    _refused("/release_memory_occupation", "release its memory"),
    _refused("/resume_memory_occupation", "take its memory back"),
)
