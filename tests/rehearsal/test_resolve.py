"""`lint --resolve`: what deploying would send, from Modal's own client and without its platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snapdoctor.app.reader import read_app
from snapdoctor.app.resolved import merge
from snapdoctor.finding import Confidence
from snapdoctor.linting import active_codes, lint_file
from snapdoctor.rehearsal.resolve import WITHHELD, ResolveError, client_environment, resolved

APPS = Path("fixtures/rehearsal")
COMPUTED = APPS / "computed_options.py"


def test_options_are_exact() -> None:
    model, nightly = resolved(COMPUTED).deployments
    assert model.name == "Model"
    assert model.gpus == ("H100:1",)
    assert dict(model.options) == {
        "cpu": 2.0, "memory": (2048, 4096), "timeout": 900, "enable_memory_snapshot": True, "max_containers": 3, "scaledown_window": 240,
        "experimental_options": {"enable_gpu_snapshot": True},
    }  # fmt: skip
    assert model.volumes == (("/models", "weights"),)
    assert nightly.gpus == ("A100-80GB:1", "H100:2")
    assert dict(nightly.options) == {"schedule": "given"}


def test_image_layers_are_exact() -> None:
    layers = resolved(COMPUTED).deployments[0].layers
    assert layers[0][0].startswith("FROM python:3.12")
    lines = [line for layer in layers for line in layer]
    assert "RUN apt-get install -y libgomp1" in lines
    assert "RUN python -m pip install llama-cpp-python==0.3.21" in lines
    assert "ENV HF_HOME=/models/hf" in lines


def test_what_was_read_is_corrected() -> None:
    app = read_app(COMPUTED)
    model, nightly = app.deployments
    assert model.snapshot is None
    assert not model.image.complete
    assert merge(app, resolved(COMPUTED)) == ()
    assert (model.snapshot, model.snapshot_likely) == ("gpu", False)
    assert model.gpu is not None
    assert model.option("scaledown_window").value == 240
    assert model.option("min_containers").given is False
    assert model.image.complete
    assert model.image.base is not None
    assert model.image.base.method == "debian_slim"
    assert model.image.packages() == (("llama-cpp-python", "==0.3.21"),)
    assert "libgomp1" in model.image.apt()
    assert model.image.environment("SPACED").value == "a b 'c'"
    assert set(model.volumes() or ()) == {"/models"}
    assert not nightly.serves


def test_an_option_that_was_likely_becomes_certain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        'import os\nimport modal\napp = modal.App("a")\nGPU = os.environ.get("GPU", "H100")\n'
        '@app.cls(gpu=GPU, enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True}, scaledown_window=300)\n'
        "class A:\n    @modal.enter(snap=True)\n    def load(self): self.x = 1\n    @modal.method()\n    def run(self): return self.x\n"
    )
    codes = active_codes(("SNAP703",), ())
    assert [finding.confidence for finding in lint_file(app, codes).findings] == [Confidence.LIKELY]
    assert [finding.confidence for finding in lint_file(app, codes, resolve=resolved).findings] == [Confidence.CERTAIN]
    monkeypatch.setenv("GPU", "L4")
    assert lint_file(app, codes, resolve=resolved).findings == ()


def test_the_reference_deployments_stay_clean() -> None:
    codes = active_codes((), ())
    for path in sorted(Path("reference_deployments").glob("*.py")):
        assert lint_file(path, codes, resolve=resolved).findings == (), path


def test_credentials_never_reach_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen.json"
    monkeypatch.setenv("SEEN", str(seen))
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("MODAL_TOKEN_ID", "ak-mine")
    monkeypatch.setenv("MODAL_PROFILE", "mine")
    monkeypatch.setenv("MODAL_ENVIRONMENT", "mine")
    resolved(APPS / "credentials.py")
    found = json.loads(seen.read_text())
    assert not {name for name, value in found.items() if "mine" in value}
    assert found["HF_TOKEN"] == WITHHELD
    assert found["MODAL_SERVER_URL"].startswith("http://127.0.0.1:")
    assert Path(found["MODAL_CONFIG_PATH"]).name == "no-settings.toml"
    assert not Path(found["MODAL_CONFIG_PATH"]).exists()


def test_switches_with_a_token_in_their_name_are_no_credentials(tmp_path: Path) -> None:
    made = client_environment(
        {"TOKENIZERS_PARALLELISM": "false", "PWD": "/", "API_KEY": "k", "EMPTY_TOKEN": ""}, "http://127.0.0.1:1", str(tmp_path)
    )
    assert (made["TOKENIZERS_PARALLELISM"], made["PWD"], made["API_KEY"], made["EMPTY_TOKEN"]) == ("false", "/", WITHHELD, "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def inner():\n    raise RuntimeError('no such model')\ninner()\n", ["RuntimeError: no such model", "in inner"]),
        ("import a_library_that_is_not_here\n", ["ModuleNotFoundError", "a_library_that_is_not_here"]),
        (
            "@app.cls()\nclass A:\n    def __init__(self): pass\n    @modal.method()\n    def x(self): pass\n",
            ["cannot have a custom constructor"],
        ),
        ("print(list(modal.Volume.from_name('v').listdir('/')))\n", ["VolumeListFiles"]),
    ],
    ids=["raises", "import", "refused by the client", "asks the platform"],
)
def test_a_module_that_cannot_be_deployed_is_told_with_its_own_traceback(tmp_path: Path, body: str, said: list[str]) -> None:
    app = tmp_path / "app.py"
    app.write_text(f"import modal\napp = modal.App('a')\n@app.function()\ndef f(): pass\n{body}")
    done = subprocess.run([sys.executable, "-m", "snapdoctor", "lint", "--resolve", str(app)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(text in done.stderr for text in said), done.stderr
    assert "snapdoctor/rehearsal" not in done.stderr


def test_a_module_that_never_ends_is_ended(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import modal, time\nprint('before', flush=True)\ntime.sleep(600)\n")
    with pytest.raises(ResolveError, match=r"did not end within 3 s[^\n]*\s+before"):
        resolved(app, timeout=3)


def test_resolving_excludes_fixing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "lint", "--resolve", "--fix", str(COMPUTED)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--resolve" in done.stderr
    assert os.path.exists(COMPUTED)
