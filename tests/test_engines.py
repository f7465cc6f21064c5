"""What the engines' facts say of commands, calls and image recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snapdoctor import engines
from snapdoctor.app.values import UNKNOWN, Arguments, Const, Item, Sequence, Spread
from snapdoctor.engines import llama_server
from snapdoctor.engines.command import flag, role
from snapdoctor.engines.engine import Launch
from snapdoctor.engines.version import Installed, Version

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.app.model import Deployment

LAUNCHES = {
    "llama-server -m x.gguf": "llama-server",
    "/app/llama-server --port 8080": "llama-server",
    "llama serve -hf a/b": "llama-server",
    "llama download a/b": None,
    "llama-cli -m x.gguf": "llama-server",
    "python -m llama_cpp.server --model x.gguf": "llama-cpp-python",
    "python3.12 -u -m sglang.launch_server --model-path x": "sglang",
    "sglang serve --model-path x": "sglang",
    "sglang check_env": None,
    "env A=1 nohup vllm serve x": "vllm",
    "uv run --no-sync vllm serve x": "vllm",
    "vllm bench latency": None,
    "python /usr/local/bin/vllm serve x": "vllm",
    "python -m vllm.entrypoints.openai.api_server --model x": "vllm",
    "ollama serve": "ollama",
    "ollama pull qwen3": None,
    "python main.py --listen 0.0.0.0": "comfyui",
    "python /root/ComfyUI/main.py": "comfyui",
    "python main.py --train": None,
    "comfy --workspace /root launch --background": "comfyui",
    "comfy node install x": None,
    "text-generation-launcher --model-id x": "tgi",
    "tritonserver --model-repository /models": "triton-server",
    "trtllm-serve x": "tensorrt-llm",
    "lmdeploy serve api_server x": "lmdeploy",
    "ffmpeg -i a b": None,
    "python worker.py": None,
}
LOADS = {
    "llama_cpp.Llama": "llama-cpp-python",
    "llama_cpp.Llama.from_pretrained": "llama-cpp-python",
    "sglang.Engine": "sglang",
    "vllm.LLM": "vllm",
    "diffusers.Flux2KleinPipeline.from_pretrained": "diffusers",
    "transformers.AutoModelForCausalLM.from_pretrained": "transformers",
    "transformers.AutoTokenizer.from_pretrained": None,
    "diffusers.FlowMatchEulerDiscreteScheduler.from_pretrained": None,
    "sentence_transformers.SentenceTransformer": "sentence-transformers",
    "faster_whisper.WhisperModel": "faster-whisper",
    "ctranslate2.Translator": "faster-whisper",
    "tensorrt_llm.LLM": "tensorrt-llm",
    "lmdeploy.pipeline": "lmdeploy",
    "nemo.collections.asr.models.ASRModel.from_pretrained": "nemo",
    "parler_tts.ParlerTTS.from_pretrained": "other",
    "json.loads": None,
}


def launched(command: str, *more: Item) -> Launch:
    """A start of this command, as the reader would record it."""
    words: list[str | None] = list(command.split())
    program = (words[0] or "").rpartition("/")[2]
    engine = engines.recognise_launch(program, words)
    argv = (*(Const(word) for word in words), *more)
    return Launch(program, argv, False, None, engine.name if engine is not None else None, False, False)


@pytest.mark.parametrize(("command", "engine"), LAUNCHES.items())
def test_command_belongs_to_its_engine(command: str, engine: str | None) -> None:
    """Wrappers, paths and interpreters do not hide an engine; its other subcommands are no launch."""
    assert launched(command).engine == engine


@pytest.mark.parametrize(("dotted", "engine"), LOADS.items())
def test_load_belongs_to_the_engine_that_spells_most_of_it(dotted: str, engine: str | None) -> None:
    """A wildcard of another engine never wins over an exact name, and tokenizers are no models."""
    found = engines.recognise_load(dotted)
    assert (found.name if found is not None else None) == engine


def test_every_engine_has_a_name_of_its_own_and_a_way_to_be_recognised() -> None:
    """An engine that nothing can recognise would be dead data."""
    assert len({engine.name for engine in engines.ENGINES}) == len(engines.ENGINES)
    for engine in engines.ENGINES:
        assert engine.programs or engine.servers or engine.loads or engine.runs_script, engine.name
        for option in engine.options:
            assert not (option.until or option.absent_below) or option.why, (engine.name, option.names)
            assert not option.why or option.replacement or option.remedy, (engine.name, option.names)


@pytest.mark.parametrize("path", ["/sleep", "/wake_up", "/release_memory_occupation", "/resume_memory_occupation", "/health", "/generate"])
def test_control_paths_have_a_purpose(path: str) -> None:
    """Every step of a protocol is told from an ordinary request."""
    assert engines.http_purpose(path) is not None


def test_abbreviations_count_only_where_the_parser_takes_them() -> None:
    """SGLang's parser completes options, llama.cpp's does not."""
    assert flag(launched("python -m sglang.launch_server --enable-mem"), "--enable-memory-saver").present is True
    assert flag(launched("llama-server --load none"), "--load-mode").present is False


def test_underscores_count_only_where_the_parser_takes_them() -> None:
    """vLLM and llama.cpp read them as dashes."""
    assert flag(launched("vllm serve x --enable_sleep_mode"), "--enable-sleep-mode").present is True
    assert flag(launched("llama-server --load_mode none"), "--load-mode").value == "none"
    assert flag(launched("python -m sglang.launch_server --enable_memory_saver"), "--enable-memory-saver").present is False


def test_unknown_word_behind_an_option_is_its_value() -> None:
    """`["llama-server", "-m", pick()]` says that there is no `--load-mode`; an unknown word elsewhere leaves that open."""
    assert flag(launched("llama-server -m", UNKNOWN), "--load-mode").present is False
    assert flag(launched("llama-server", UNKNOWN), "--load-mode").present is None
    assert flag(launched("llama-server --no-warmup", UNKNOWN), "--load-mode").present is None


def test_flag_in_one_branch_is_unknown_and_in_both_is_there() -> None:
    """A spread of branches is sure only when all agree."""
    one = Spread(((Const("--no-mmap"),), ()))
    both = Spread(((Const("--no-mmap"),), (Const("--mlock"), Const("--no-mmap"))))
    assert flag(launched("llama-server", one), "--no-mmap").present is None
    assert flag(launched("llama-server", both), "--no-mmap").present is True


def test_role_finds_any_spelling() -> None:
    """The last one wins, as in the program."""
    assert role(launched("llama-server -m a.gguf --model b.gguf"), "model").value == "b.gguf"
    assert role(launched("ollama serve"), "model").present is False


@pytest.mark.parametrize(
    ("version", "rejects"),
    [("b10884", True), ("b10883", False), ("b8765", False), ("0.4.1", True), ("0.4.0", False), (None, None)],
)
def test_no_mmap_is_rejected_from_its_removal_on(version: str | None, rejects: bool | None) -> None:
    """Builds and releases have marks of their own."""
    assert llama_server.rejects_no_mmap(Installed(Version.parse(version) if version else None)) is rejects


RECIPES = {
    'debian_slim().pip_install("sglang[all]==0.5.12")': ("sglang", "0.5.12", False),
    'debian_slim().pip_install("sglang")': ("sglang", None, False),
    'from_registry("lmsysorg/sglang:v0.5.6.post2-cu129")': ("sglang", "0.5.6", False),
    'from_registry("lmsysorg/sglang:latest")': ("sglang", None, True),
    'debian_slim().pip_install("git+https://github.com/sgl-project/sglang.git@v0.5.2#subdirectory=python")': ("sglang", "0.5.2", False),
    'from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b9999")': ("llama-server", "b9999", False),
    'from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda")': ("llama-server", None, True),
    'debian_slim().run_commands("git clone --branch b8765 https://github.com/ggml-org/llama.cpp")': ("llama-server", "b8765", False),
    'debian_slim().run_commands("git clone https://github.com/ggml-org/llama.cpp", "cd llama.cpp && git checkout b8765")': (
        "llama-server", "b8765", False,
    ),
    'debian_slim().run_commands("git clone -b v1 https://github.com/other/thing")': ("llama-server", None, False),
    'from_registry("vllm/vllm-openai:v0.15.1")': ("vllm", "0.15.1", False),
}  # fmt: skip


@pytest.mark.parametrize(("recipe", "said"), RECIPES.items())
def test_version_comes_from_the_recipe(recipe: str, said: tuple[str, str | None, bool], tmp_path: Path) -> None:
    """Pins, tags, checkouts and git requirements all name a version; a moving tag is known to move."""
    engine, version, floating = said
    found = _deployment(tmp_path, recipe).installed(engine)
    told = ".".join(map(str, found.version.numbers)) if found.version is not None and found.version.build is None else None
    assert (told or (found.version.text if found.version is not None else None), found.floating is not None) == (version, floating)


def _deployment(folder: Path, recipe: str) -> Deployment:
    from snapdoctor.app.project import Project
    from snapdoctor.app.reader import read_project

    path = folder / "app.py"
    path.write_text(
        f"import modal\napp = modal.App()\n\n\n@app.cls(image=modal.Image.{recipe}, gpu='L4')\nclass A:\n    @modal.enter()\n    def a(self): ...\n"
    )
    return read_project(Project(path)).deployments[0]


def test_llama_device_follows_the_number_of_layers() -> None:
    """`Llama(...)` stays on the CPU unless layers are given."""
    engine = engines.engine_named("llama-cpp-python")
    assert engines.load_device(engine, "llama_cpp.Llama", Arguments()) == "cpu"
    assert engines.load_device(engine, "llama_cpp.Llama", Arguments(keywords={"n_gpu_layers": Const(-1)})) == "cuda"
    assert engines.load_device(engine, "llama_cpp.Llama", Arguments(keywords={"n_gpu_layers": Sequence(())})) is None
