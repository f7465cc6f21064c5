"""LMDeploy: TurboMind in process, with a sleep route on its server (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import CHAT, Engine, Option

ENGINE = Engine(
    name="lmdeploy",
    title="LMDeploy",
    package="lmdeploy",
    images=(r"openmmlab/lmdeploy:v?(\d[\w.]*|)",),
    repositories=("InternLM/lmdeploy",),
    programs=("lmdeploy serve",),
    model_follows="api_server",
    options=(Option(("--server-name",), "host"), Option(("--server-port",), "port"), Option(("--api-keys",), "key")),
    valued=("--backend", "--tp", "--session-len", "--cache-max-entry-count", "--quant-policy", "--model-name", "--dtype"),
    loads=("lmdeploy.pipeline",),
    device="cuda",
    calls=("__call__", "chat", "stream_infer"),
    controls=(("sleep", "sleep"), ("wakeup", "wake")),
    default_host="0.0.0.0",
    default_port=23333,
    health_paths=("/health", "/v1/models"),
    warmup_paths=("/generate", *CHAT),
    sleep_paths=("/sleep",),
    wake_paths=("/wakeup",),
    language=True,
    snapshot_protocol=True,
)
