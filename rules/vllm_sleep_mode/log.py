"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "POST /sleep",
        "The server has no /sleep route, so it was captured awake, with weights and KV cache.",
        "Set VLLM_SERVER_DEV_MODE=1 in its environment and start it with --enable-sleep-mode.",
        "measured: uvicorn's access log for a route that is not there; documented: vLLM serves /sleep in its development mode only",
        also='" 404 Not Found',
        rank=CAUSE,
    ),
    Signature(
        "POST /wake_up",
        "The server has no /wake_up route, so what was put to sleep stays asleep.",
        "Set VLLM_SERVER_DEV_MODE=1 in its environment and start it with --enable-sleep-mode.",
        "measured: uvicorn's access log for a route that is not there; documented: vLLM serves /wake_up in its development mode only",
        also='" 404 Not Found',
        rank=CAUSE,
    ),
)
