"""Which engine a command, a call or an HTTP path belongs to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from snapdoctor.engines.registry import BY_NAME, ENGINES

if TYPE_CHECKING:
    from snapdoctor.app.values import Arguments, Value
    from snapdoctor.engines.engine import Engine

# Values of snapdoctor.app.model's purposes; spelled here so that engines import nothing of the reader at run time.
HEALTH, WARMUP, SLEEP, WAKE, RELEASE, RESUME = "health", "warm-up", "sleep", "wake", "release", "resume"

NOT_MODELS = (
    "Tokenizer", "TokenizerFast", "Processor", "Config", "FeatureExtractor", "Scheduler", "Retriever", "GenerationConfig", "ImageProcessor",
    "ImageProcessorFast", "TorchAoConfig", "Dataset", "VideoProcessor",
)  # fmt: skip
HELPERS = frozenset(
    """ffmpeg ffprobe nvidia-smi nvcc git curl wget pip pip3 uv apt apt-get dpkg ls cat echo mkdir rm cp mv ln tar unzip gzip zstd chmod chown
    touch sed awk grep find df du free ps top lscpu lspci env printenv which uname hostname date sleep kill pkill killall true false test tee head
    tail sort sox espeak-ng espeak huggingface-cli hf modal aria2c rclone aws gsutil rsync ssh scp openssl nginx caddy redis-server redis-cli
    postgres psql sqlite3 cmake make ninja gcc g++ cargo npm node npx yarn tmux screen magick convert identify exiftool libreoffice soffice
    pdftoppm chromium google-chrome xvfb Xvfb cloudflared ngrok tailscale tailscaled prometheus node_exporter ldconfig ldd strace lsof fuser
    nproc mount umount dmesg cuda-checkpoint yt-dlp playwright pytest ruff mypy civitdl comfy-cli tritonclient""".split()  # noqa: SIM905
)
FRONT_ENDS = ("uvicorn", "gunicorn", "hypercorn", "fastapi", "streamlit", "gradio")
WRAPPERS = ("exec", "nohup", "env", "setsid", "time", "sudo", "nice", "numactl", "stdbuf", "tini", "--")


def _plain(words: list[str | None]) -> list[str | None]:
    """Cut wrappers (`env A=B`, `nohup`, `uv run`) off a command."""
    rest = words
    while rest and rest[0] is not None:
        base = rest[0].rpartition("/")[2]
        if base in WRAPPERS or ("=" in rest[0] and not rest[0].startswith(("-", "/", "."))):
            rest = rest[1:]
        elif base == "uv" and len(rest) > 1 and rest[1] == "run":
            rest = rest[2:]
            while rest and rest[0] is not None and rest[0].startswith("-"):
                rest = rest[1:]
        else:
            break
    return rest


def is_python(program: str | None) -> bool:
    """Whether the program is a Python interpreter."""
    return program is not None and (program in ("python", "python3", "pypy3") or program.startswith("python3."))


def recognise_launch(program: str | None, words: list[str | None]) -> Engine | None:
    """The engine a command starts; None for helpers and for what is not known. `words` are argv, None where unknown."""
    rest = _plain(words)
    if rest and rest[0] is not None and rest is not words:
        program = rest[0].rpartition("/")[2]
    if program is None:
        return None
    if is_python(program):
        return _python_launch(rest[1:])
    return _program_launch(program, rest[1:])


def _python_launch(words: list[str | None]) -> Engine | None:
    index = 0
    while index < len(words):
        word = words[index]
        if word is None:
            return None
        if word == "-m":
            module = words[index + 1] if index + 1 < len(words) else None
            return next((engine for engine in ENGINES if module in engine.servers), None)
        if word in ("-c", "-"):
            return None
        if not word.startswith("-"):
            return _script_launch(word, words[index + 1 :])
        index += 2 if word in ("-W", "-X") else 1
    return None


def _script_launch(script: str, words: list[str | None]) -> Engine | None:
    for engine in ENGINES:
        if engine.runs_script is not None and engine.runs_script(script, tuple(words)):
            return engine
    return _program_launch(script.rpartition("/")[2], words) if "/" in script and not script.endswith(".py") else None


def _program_launch(program: str, words: list[str | None]) -> Engine | None:
    first = next((word for word in words if word is not None and not word.startswith("-")), None)
    for engine in ENGINES:
        for name in engine.programs:
            known, _, subcommand = name.partition(" ")
            if program == known and (not subcommand or subcommand == first or (engine.tools and subcommand in words)):
                return engine
    return None


def is_helper_program(program: str | None, words: list[str | None]) -> bool | None:
    """True for tools that hold no model, False for programs that could be a server of the user's own, None when unknown."""
    rest = _plain(words)
    if rest and rest[0] is not None and rest is not words:
        program = rest[0].rpartition("/")[2]
    if program is None:
        return None
    if program in HELPERS:
        return True
    if any(engine.tools and name.partition(" ")[0] == program for engine in ENGINES for name in engine.programs):
        return True
    if is_python(program):
        return _python_helper(rest[1:])
    return None if program in FRONT_ENDS else False


def _python_helper(words: list[str | None]) -> bool | None:
    for index, word in enumerate(words):
        if word is None or word in ("-c", "-"):
            return None
        if word == "-m":
            module = words[index + 1] if index + 1 < len(words) else None
            return (
                None
                if module is None
                else module.partition(".")[0]
                in ("pip", "uv", "venv", "compileall", "http", "json", "zipfile", "nltk", "spacy", "playwright")
            )
        if not word.startswith("-"):
            return False
    return None


@lru_cache(maxsize=4096)
def recognise_load(dotted: str) -> Engine | None:
    """The engine whose model a call of this dotted name loads in process; the most exact pattern decides."""
    best: tuple[int, Engine] | None = None
    for engine in ENGINES:
        for pattern in engine.loads:
            exactness = _exactness(pattern, dotted)
            if exactness is not None and (best is None or exactness > best[0]):
                best = (exactness, engine)
    if best is None or (dotted.endswith(".from_pretrained") and _is_no_model(dotted)):
        return None
    return best[1]


def _exactness(pattern: str, dotted: str) -> int | None:
    """How much of the name a pattern spells out; None when it does not match."""
    if "*" not in pattern:
        return len(pattern) + 1 if pattern == dotted else None
    head, _, tail = pattern.partition("*")
    matches = dotted.startswith(head) and dotted.endswith(tail) and len(dotted) > len(head) + len(tail)
    return len(head) + len(tail) if matches else None


def _is_no_model(dotted: str) -> bool:
    owner = dotted.split(".")[-2] if "." in dotted else ""
    return (
        owner.endswith(NOT_MODELS)
        or "Tokenizer" in owner
        or "Scheduler" in owner
        or dotted.startswith(("datasets.", "tokenizers.", "tiktoken."))
    )


def _constant(value: Value | None) -> object:
    from snapdoctor.app.values import constant

    return constant(value)


def load_device(engine: Engine, dotted: str, arguments: Arguments) -> str | None:
    """`cuda`, `cpu`, `auto` (chosen by availability) as the load call itself says; None when it cannot be known."""
    if engine.own_device is not None:
        return engine.own_device(arguments)
    if engine.device == "cuda":
        return "cuda"
    told = _told_device(arguments)
    if told != "untold":
        return told
    return "cpu" if engine.device is None and dotted.startswith("torch.") else engine.device


def _told_device(arguments: Arguments) -> str | None:
    from snapdoctor.app.libcalls import device_of

    for keyword in ("device", "device_map", "map_location"):
        value = arguments.get(keyword)
        if value is None:
            continue
        if keyword not in arguments.keywords:
            return None
        found = device_of(value)
        known = _constant(value)
        if found is None and known is None:
            continue
        if keyword == "device_map" and known in ("auto", "balanced", "sequential"):
            return "auto"
        return found
    return "untold"


def load_model(dotted: str, arguments: Arguments) -> str | None:
    """The model id or path of a load call; unknown pieces are `\\0`."""
    from snapdoctor.app.values import sketch

    for keyword in (
        "model_path",
        "model",
        "repo_id",
        "pretrained_model_name_or_path",
        "model_name_or_path",
        "model_id",
        "model_name",
        "model_size_or_path",
        "path",
    ):
        if keyword in arguments.keywords:
            return sketch(arguments.keywords[keyword])
    position = 1 if dotted.endswith(".pipeline") and dotted.startswith("transformers.") else 0
    return sketch(arguments.positional[position]) if len(arguments.positional) > position else None


def http_purpose(path: str) -> str | None:
    """What a request to a local engine is for, by its path."""
    bare = path.rstrip("/") or "/"
    for purpose, found in _PATHS.items():
        if bare in found:
            return purpose
    if bare.endswith(("/health", "/healthz", "/ready", "/health_generate", "/ping", "/live")):
        return HEALTH
    if bare.startswith(("/v1/audio/", "/v1/images/", "/v1/rerank", "/v1/score", "/api/v1/generate", "/v2/models/")):
        return WARMUP
    return None


def _paths() -> dict[str, frozenset[str]]:
    return {
        RELEASE: frozenset(path for engine in ENGINES for path in engine.release_paths),
        RESUME: frozenset(path for engine in ENGINES for path in engine.resume_paths),
        SLEEP: frozenset(path for engine in ENGINES for path in engine.sleep_paths),
        WAKE: frozenset(path for engine in ENGINES for path in engine.wake_paths),
        WARMUP: frozenset(path for engine in ENGINES for path in engine.warmup_paths) | {"/infer", "/predict", "/invocations"},
        HEALTH: frozenset(path for engine in ENGINES for path in engine.health_paths) | {"/healthz", "/ready", "/docs", "/openapi.json"},
    }


_PATHS = _paths()


def inference_methods(engine: str) -> tuple[str, ...]:
    """Methods of the engine's loaded object that run inference."""
    found = BY_NAME.get(engine)
    return found.calls if found is not None else ()


def control_purpose(engine: str, method: str) -> str | None:
    """What an in-process control method does: `llm.sleep()`, `llm.wake_up()`, `engine.release_memory_occupation()`."""
    found = BY_NAME.get(engine)
    return dict(found.controls).get(method) if found is not None else None
