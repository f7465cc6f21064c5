"""TensorRT-LLM: MPI worker processes, also for one GPU (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import CHAT, Engine, Option

ENGINE = Engine(
    name="tensorrt-llm",
    title="TensorRT-LLM",
    package="tensorrt-llm",
    images=(r"nvidia/tensorrt-llm/release:(\d[\w.]*|)",),
    repositories=("NVIDIA/TensorRT-LLM",),
    programs=("trtllm-serve", "trtllm-llmapi-launch"),
    options=(Option(("--host",), "host"), Option(("--port",), "port")),
    valued=(
        "--backend",
        "--max_batch_size",
        "--max_num_tokens",
        "--max_seq_len",
        "--tp_size",
        "--tokenizer",
        "--kv_cache_free_gpu_memory_fraction",
    ),
    loads=("tensorrt_llm.LLM", "tensorrt_llm.llmapi.LLM", "tensorrt_llm._tensorrt_engine.LLM"),
    device="cuda",
    child=True,
    calls=("generate", "generate_async"),
    controls=(("release", "release"), ("resume", "resume")),
    default_host="localhost",
    default_port=8000,
    health_paths=("/health", "/v1/models", "/version", "/metrics"),
    warmup_paths=CHAT,
    language=True,
)
