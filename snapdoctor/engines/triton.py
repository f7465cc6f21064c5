"""NVIDIA Triton Inference Server: one process, and a stub process for each instance of a Python model (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine, Option

ENGINE = Engine(
    name="triton-server",
    title="Triton Inference Server",
    images=(r"nvidia/tritonserver:(\d[\d.]*|)",),
    programs=("tritonserver",),
    options=(Option(("--http-address",), "host"), Option(("--http-port",), "port")),
    default_host="0.0.0.0",
    default_port=8000,
    health_paths=("/v2/health/ready", "/v2/health/live"),
    warmup_paths=("/v2/models",),
    listens_early=True,
)
