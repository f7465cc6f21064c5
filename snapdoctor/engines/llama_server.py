"""llama.cpp's own programs: llama-server, llama-cli, `llama serve` (facts/engines.md A; llama.cpp common/arg.cpp, PR #20834, #28334)."""

from __future__ import annotations

from snapdoctor.engines.engine import CHAT, Engine, Option, Spelling
from snapdoctor.engines.version import Installed

# `--load-mode` came between 11 and 24 July 2026: b10092 does not know it, b10434 has it beside `--no-mmap` and its kin (both were run), which were
# removed in September 2026.
REMOVED = ("b10884", "0.4.1")
LOAD_MODE = Option(
    ("--load-mode", "-lm"),
    since=("b10434", "0.4.0"),
    absent_below=("b10093", "0.4.0"),
    replacement="--no-mmap",
    why="{version} does not know {name}: it says 'invalid argument' and exits with status 1",
)
GONE = "{name} is gone from {version}: it says 'invalid argument' and exits with status 1"
REMOVED_OPTIONS = tuple(
    Option((name,), switch=True, until=REMOVED, replacement=f"--load-mode {mode}", warn_unpinned=True, why=GONE)
    for name, mode in (("--no-mmap", "none"), ("--mmap", "mmap"), ("--mlock", "mlock"), ("--direct-io", "dio"), ("--no-direct-io", "auto"))
)
DEAD_VARIABLES = ("LLAMA_ARG_NO_MMAP", "LLAMA_ARG_MMAP")
# Set to anything, it makes every allocation on the GPU a managed one (ggml-cuda.cu).
UNIFIED_MEMORY = "GGML_CUDA_ENABLE_UNIFIED_MEMORY"
UNMAPPED_MODES = ("none", "dio", "mlock")
OFF = ("0", "false", "no", "off", "disabled")

ENGINE = Engine(
    name="llama-server",
    title="llama-server",
    images=(r"(?:ggml-org|ggerganov)/llama\.cpp:(?:[\w.-]*-(b\d{4,6})\b|)",),
    repositories=("ggml-org/llama.cpp", "ggerganov/llama.cpp"),
    programs=("llama-server", "llama-cli", "llama-completion", "llama.cpp-server", "llama serve", "llama server"),
    one_shot=("llama-cli", "llama-completion"),
    options=(
        Option(("-m", "--model", "-hf", "-hfr", "--hf-repo", "-mu", "--model-url", "-dr", "--docker-repo"), "model"),
        Option(("--host",), "host"),
        Option(("--port",), "port"),
        Option(("--api-key", "--api-key-file"), "key"),
        Option(("--no-warmup",), "no-warm-up", switch=True),
        Option(("--models-dir", "--models-preset"), "router"),
        LOAD_MODE,
        *REMOVED_OPTIONS,
    ),
    spelling=Spelling(equals=False, underscores="same"),
    valued=(
        "-c", "--ctx-size", "-ngl", "--gpu-layers", "--n-gpu-layers", "-np", "--parallel", "-b", "--batch-size", "-ub", "--ubatch-size", "-t", "--threads",
        "-a", "--alias", "-fa", "--flash-attn", "-ctk", "--cache-type-k", "-ctv", "--cache-type-v", "-n", "--predict", "--temp", "--top-p", "--top-k",
        "-mm", "--mmproj", "--chat-template", "--chat-template-file", "--lora", "-hff", "--hf-file", "-hft", "--hf-token", "-sm", "--split-mode", "-dev", "--device",
        "-cram", "--cache-ram", "--threads-http", "--reasoning-format", "--reasoning-budget", "--pooling", "--timeout", "-to", "-md", "--model-draft",
    ),
    default_host="127.0.0.1",
    default_port=8080,
    host_variable="LLAMA_ARG_HOST",
    health_paths=("/health", "/v1/health", "/props", "/slots", "/metrics"),
    warmup_paths=(*CHAT, "/completion", "/completions", "/infill", "/embedding", "/embeddings", "/rerank"),
    warm_up_request=("/completion", '{"prompt": "hello " * words, "n_predict": 8}'),
    model_variables=("LLAMA_ARG_MODEL", "LLAMA_ARG_HF_REPO", "LLAMA_ARG_MODEL_URL", "LLAMA_ARG_DOCKER_REPO"),
    child_variable="LLAMA_SERVER_ROUTER_PORT",
    maps=True,
    ggml=True,
    language=True,
    listens_early=True,
    proven_child=True,
)  # fmt: skip


def rejects_no_mmap(installed: Installed) -> bool | None:
    """Whether this build exits on `--no-mmap`; None when the build is unknown."""
    return True if installed.floating else (installed.version.reached(REMOVED) if installed.version is not None else None)


def spelling(installed: Installed) -> str:
    """The flag that switches mapping off in this build, with the choice where the build is unknown."""
    known = rejects_no_mmap(installed)
    if known is None:
        return "--load-mode none (llama.cpp from September 2026 on; builds before July 2026: --no-mmap)"
    return "--load-mode none" if known else "--no-mmap"
