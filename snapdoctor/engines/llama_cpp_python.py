"""llama-cpp-python: `Llama(...)` in process, and `python -m llama_cpp.server` (facts/engines.md B)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.values import constant
from snapdoctor.engines.engine import CHAT, Engine, Option

if TYPE_CHECKING:
    from snapdoctor.app.values import Arguments


def _layers(arguments: Arguments) -> str | None:
    """`n_gpu_layers` alone decides: the default 0 is the CPU."""
    layers = arguments.get("n_gpu_layers")
    known = constant(layers)
    if layers is None:
        return "cpu"
    return None if not isinstance(known, int) else ("cuda" if known != 0 else "cpu")


REJECTED = "llama_cpp.server rejects {name}, which belongs to llama-server, and exits with status 2"
ENGINE = Engine(
    name="llama-cpp-python",
    title="llama-cpp-python",
    package="llama-cpp-python",
    repositories=("abetlen/llama-cpp-python",),
    servers=("llama_cpp.server",),
    options=(
        Option(("--model",), "model"),
        Option(("--host",), "host"),
        Option(("--port",), "port"),
        Option(("--api_key",), "key"),
        Option(("--config_file",), "config", shortest="--config"),
        Option(("--use_mmap",), shortest="--use_mm"),
        Option(("--no-mmap", "--load-mode"), until=("0",), replacement="--use_mmap false", why=REJECTED),
    ),
    valued=("--n_gpu_layers", "--use_mlock", "--n_ctx", "--n_batch", "--n_threads", "--chat_format", "--model_alias", "--hf_model_repo_id"),
    loads=(
        "llama_cpp.Llama",
        "llama_cpp.Llama.from_pretrained",
        "llama_cpp.llama.Llama",
        "llama_cpp.llama.Llama.from_pretrained",
    ),
    own_device=_layers,
    calls=("__call__", "create_completion", "create_chat_completion", "create_embedding", "embed", "generate", "eval"),
    warm_up='{model}("hello " * words, max_tokens=8)',
    warm_up_request=("/v1/completions", '{"prompt": "hello " * words, "max_tokens": 8}'),
    default_host="localhost",
    default_port=8000,
    health_paths=("/v1/models",),
    warmup_paths=CHAT,
    libraries=("libllama.so",),
    maps=True,
    ggml=True,
    language=True,
)
