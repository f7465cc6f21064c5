"""Text Generation Inference and its embedding sibling: a Rust router with one Python shard for each GPU (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import CHAT, Engine, Option

ENGINE = Engine(
    name="tgi",
    title="Text Generation Inference",
    images=(r"huggingface/text-generation-inference:(\d[\w.]*|)", r"huggingface/text-embeddings-inference:(?:[\w]+-)?(\d[\w.]*|)"),
    repositories=("huggingface/text-generation-inference", "huggingface/text-embeddings-inference"),
    programs=("text-generation-launcher", "text-embeddings-router", "text-generation-server"),
    options=(
        Option(("--model-id",), "model"),
        Option(("--hostname",), "host"),
        Option(("--port", "-p"), "port"),
        Option(("--api-key",), "key"),
    ),
    default_host="0.0.0.0",
    default_port=3000,
    health_paths=("/health", "/info"),
    warmup_paths=("/generate", "/embed", "/rerank", "/predict", *CHAT),
    language=True,
)
