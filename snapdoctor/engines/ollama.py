"""Ollama: a server without a model, whose llama-server child starts at the first request (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import CHAT, Engine

ENGINE = Engine(
    name="ollama",
    title="Ollama",
    images=(r"ollama/ollama:(\d[\w.]*|)",),
    repositories=("ollama/ollama",),
    programs=("ollama serve",),
    tools=True,
    default_host="127.0.0.1",
    default_port=11434,
    host_variable="OLLAMA_HOST",
    health_paths=("/", "/api/tags", "/api/version", "/api/ps"),
    warmup_paths=("/api/generate", "/api/chat", "/api/embed", *CHAT),
    marks=(("ollama runner", "runner"),),
    ggml=True,
    listens_early=True,
    lazy_child=True,
)
