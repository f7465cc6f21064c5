"""The reference deployments, unchanged, through Modal's runtime with tiny models (`shims/` says what stands in for what)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

APPS = Path("reference_deployments")
SHIMS = Path(__file__).parent / "shims"


def site_packages(python: Path) -> str:
    return subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], capture_output=True, text=True, check=True
    ).stdout.strip()


def rehearse(*arguments: str) -> tuple[int, str, dict[str, object]]:
    """Exit code, what a person sees, and the findings."""
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", *arguments, "--output", "json:-"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    text, _, document = done.stdout.partition("\n{\n")
    assert document, done.stdout + done.stderr
    return done.returncode, text, json.loads("{" + document)


def constants(app: Path) -> dict[str, object]:
    """The literals at the top of an app, which name its model."""
    found = {}
    for node in ast.parse(app.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value.value
    return found


def launched(app: Path) -> list[str]:
    """The command that an app's only Popen starts."""
    named = constants(app)
    for node in ast.walk(ast.parse(app.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "subprocess.Popen":
            words = node.args[0]
            assert isinstance(words, ast.List)
            return [str(eval(ast.unparse(word), {"__builtins__": {"str": str}}, dict(named))) for word in words.elts]
    raise AssertionError(f"{app} starts nothing")


def test_gemma_on_llama_server(tmp_path: Path, llama_server: Path, tiny_gguf: Path) -> None:
    """A real server as a child: waited for, warmed up, captured unmapped, and answering after the restore."""
    app = APPS / "gemma_4_26b_llama_server.py"
    named = constants(app)
    folder = tmp_path / "volume" / str(named["MODEL_DIR"]).removeprefix("/models/")
    folder.mkdir(parents=True)
    (folder / str(named["MODEL_FILE"])).write_bytes(tiny_gguf.read_bytes())
    code, text, document = rehearse(
        f"{app}::Server", "--path", "/health", "--volume", f"gemma-4-26b-gguf={tmp_path / 'volume'}",
        "--env", f"PYTHONPATH={SHIMS}", "--env", f"TEST_LLAMA_SERVER={llama_server}",
    )  # fmt: skip
    assert (code, document["findings"]) == (0, []), text
    assert "===== snapshot: 2 processes" in text
    assert '200 {"status":"ok"}' in text
    for phase in ("start", "import", "enter(snap=True)", "restore", "enter(snap=False)", "first answer", "exit"):
        assert f"\n  {phase} " in text


def test_glm_on_llama_cpp_python(tmp_path: Path, engines_python: Path, tiny_gguf: Path) -> None:
    """In process, unmapped, and answering after the restore."""
    app = APPS / "glm_4_7_flash_llama_cpp_python.py"
    named = constants(app)
    folder = tmp_path / "volume" / str(named["MODEL_DIR"]).removeprefix("/models/")
    folder.mkdir(parents=True)
    (folder / str(named["MODEL_FILE"])).write_bytes(tiny_gguf.read_bytes())
    code, text, document = rehearse(
        f"{app}::Chat.complete", "--input", '["hello", 4]', "--volume", f"glm-4.7-flash-gguf={tmp_path / 'volume'}",
        "--env", f"PYTHONPATH={site_packages(engines_python)}",
    )  # fmt: skip
    assert (code, document["findings"]) == (0, []), text
    assert "===== snapshot: 1 process" in text


def test_flux_on_diffusers(tmp_path: Path, engines_python: Path, tiny_flux2_klein: Path) -> None:
    """A tiny pipeline, loaded, warmed up at both sizes and captured; on this machine the CPU is its GPU."""
    app = APPS / "flux2_klein_9b_diffusers.py"
    named = constants(app)
    folder = tmp_path / "volume"
    folder.mkdir()
    (folder / str(named["MODEL_DIR"]).removeprefix("/models/")).symlink_to(tiny_flux2_klein)
    code, text, document = rehearse(
        f"{app}::Images.generate", "--input", '["a lighthouse", 64]', "--volume", f"flux2-klein-9b={folder}",
        "--env", f"PYTHONPATH={SHIMS}:{site_packages(engines_python)}", "--env", "TEST_CUDA_IS_CPU=1",
    )  # fmt: skip
    # Weights that stay on the CPU stay mapped where their dtype is the file's; on a GPU none would.
    assert {finding["rule"] for finding in document["findings"]} <= {"SNAP107"}, text  # type: ignore[index,attr-defined]
    assert code == 0, text
    assert "PNG" in text


def test_qwen_on_sglang_as_far_as_a_machine_without_gpu_goes(sglang_parser: Callable[..., list[object]]) -> None:
    """SGLang's own parser accepts the command that the app starts; the rest of its life needs a GPU, and the rehearsal says where it ended."""
    app = APPS / "qwen3_5_35b_a3b_fp8_sglang.py"
    words = launched(app)
    (parsed,) = sglang_parser(words[words.index("sglang.launch_server") + 1 :])
    assert parsed.accepted, parsed.error  # type: ignore[attr-defined]
    code, text, _ = rehearse(f"{app}::Server")
    assert code == 1
    assert "failed in enter(snap=True)" in text


@pytest.mark.parametrize("app", sorted(APPS.glob("*.py")), ids=lambda path: path.stem)
def test_every_one_is_rehearsed_here(app: Path) -> None:
    """A fifth deployment without a rehearsal would go unnoticed."""
    assert app.name in Path(__file__).read_text()


# ---- the naive apps that they come from: the hazard is seen happening, not predicted ----


def rules(document: dict[str, object]) -> set[str]:
    return {finding["rule"] for finding in document["findings"]}  # type: ignore[attr-defined]


def test_naive_gemma_is_captured_mapped(tmp_path: Path, llama_server: Path, tiny_gguf: Path) -> None:
    """The model file on the Volume is mapped at the capture."""
    (tmp_path / "gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf").write_bytes(tiny_gguf.read_bytes())
    code, text, document = rehearse(
        "fixtures/naive/gemma_4_26b_llama_server.py::Gemma", "--path", "/health", "--volume", f"gguf={tmp_path}",
        "--env", f"PYTHONPATH={SHIMS}", "--env", f"TEST_LLAMA_SERVER={llama_server}",
    )  # fmt: skip
    assert code == 1
    assert "SNAP301" in rules(document), text
    assert "maps" in text
    assert "it lies on the mount /models" in " ".join(text.split())


def test_naive_old_recipe_is_refused_by_the_real_server(tmp_path: Path, llama_server: Path, tiny_gguf: Path) -> None:
    """Today's llama-server exits on the article's own remedy, and its output names the cause."""
    (tmp_path / "gemma.gguf").write_bytes(tiny_gguf.read_bytes())
    code, text, document = rehearse(
        "fixtures/naive/gemma_4_26b_old_recipe.py::Gemma", "--volume", f"gguf={tmp_path}",
        "--env", f"PYTHONPATH={SHIMS}", "--env", f"TEST_LLAMA_SERVER={llama_server}",
    )  # fmt: skip
    assert code == 1
    assert "failed in enter(snap=True)" in text
    assert "SNAP302" in rules(document), text


def test_naive_glm_starts_its_server_in_every_container(tmp_path: Path, llama_server: Path, tiny_gguf: Path) -> None:
    """Started in the web body, the server is not in the capture. (llama-server stands in for llama-cpp-python's, which wants more packages.)"""
    (tmp_path / "GLM-4.7-Flash-UD-Q4_K_XL.gguf").write_bytes(tiny_gguf.read_bytes())
    code, text, document = rehearse(
        "fixtures/naive/glm_4_7_flash_llama_cpp_python.py::Glm", "--path", "/health", "--volume", f"gguf={tmp_path}",
        "--env", f"PYTHONPATH={SHIMS}", "--env", f"TEST_LLAMA_SERVER={llama_server}",
    )  # fmt: skip
    assert code == 1
    assert "===== snapshot: 1 process" in text
    assert "SNAP104" in rules(document), text
