"""`snapdoctor lint` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import snapdoctor

BAD = """import modal

app = modal.App("serve")


@app.cls(gpu="L40S")
class Serve:
    @modal.method()
    def run(self):
        return 1
"""
SCHEMA = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "findings-v1.json").read_text(encoding="utf-8"))


def run(*arguments: str, folder: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    command = [sys.executable, "-m", "snapdoctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, input=text, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one app that has one piece of advice."""
    (tmp_path / "app.py").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_findings_at_the_threshold_exit_1(project: Path) -> None:
    """Advice alone does not fail a run, unless asked to."""
    assert run("lint", "app.py", folder=project).returncode == 0
    assert run("lint", "app.py", "--fail-on", "advice", folder=project).returncode == 1
    assert run("lint", "app.py", "--fail-on", "never", folder=project).returncode == 0


def test_report_names_place_rule_and_remedy(project: Path) -> None:
    """A person sees where, what and what to type."""
    out = run("lint", "app.py", folder=project).stdout
    assert "advice SNAP701 short-scaledown-window" in out
    assert "--> app.py:6:2" in out
    assert "scaledown_window=300" in out


def test_json_follows_its_schema(project: Path) -> None:
    """Programs get one document on standard output."""
    done = run("lint", "app.py", "--format", "json", folder=project)
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [(finding["rule"], finding["location"]["line"]) for finding in document["findings"]] == [("SNAP701", 6)]


def test_second_run_from_the_cache_says_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache changes nothing but time, and an edit is noticed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    first = run("lint", "app.py", "--format", "json", folder=project)
    assert run("lint", "app.py", "--format", "json", folder=project).stdout == first.stdout
    (project / "app.py").write_text(BAD.replace('gpu="L40S"', 'gpu="L40S", scaledown_window=300'), encoding="utf-8")
    assert json.loads(run("lint", "app.py", "--format", "json", folder=project).stdout)["findings"] == []


def test_select_and_ignore_take_codes_prefixes_and_names(project: Path) -> None:
    """All spellings of a rule work; an unknown one is an error with a hint."""
    assert "SNAP701" not in run("lint", "app.py", "--ignore", "SNAP7", folder=project).stdout
    assert "SNAP701" in run("lint", "app.py", "--select", "short-scaledown-window", folder=project).stdout
    wrong = run("lint", "app.py", "--select", "short-scaledown-windo", folder=project)
    assert (wrong.returncode, "short-scaledown-window" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("snapdoctor.toml", 'ignor = ["SNAP701"]', "did you mean 'ignore'"),
        ("snapdoctor.toml", "ignore = 3", "must be a list of strings"),
        ("snapdoctor.toml", "ignore = [", "not valid TOML"),
        ("pyproject.toml", '[tool.snapdoctor]\nfail-on = "all"', "fail-on must be one of"),
    ],
)
def test_wrong_configuration_exits_2_and_says_what_is_wrong(project: Path, name: str, content: str, told: str) -> None:
    """Bad configuration is an answer, never a traceback."""
    (project / name).write_text(content, encoding="utf-8")
    done = run("lint", "app.py", folder=project)
    assert done.returncode == 2
    assert told in done.stderr
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_configuration_applies(project: Path) -> None:
    """The nearest configuration counts."""
    (project / "pyproject.toml").write_text('[tool.snapdoctor]\nignore = ["SNAP701"]\n', encoding="utf-8")
    assert "SNAP701" not in run("lint", "app.py", folder=project).stdout


def test_missing_path_exits_2(project: Path) -> None:
    """A gate on a file that is not there must not be green."""
    done = run("lint", "nowhere.py", folder=project)
    assert (done.returncode, "nowhere.py" in done.stderr) == (2, True)


def test_nothing_to_check_exits_0_and_says_so(tmp_path: Path) -> None:
    """An empty folder is no failure, but it is said."""
    done = run("lint", folder=tmp_path)
    assert (done.returncode, "nothing to check" in done.stderr) == (0, True)


def test_unparsable_file_is_one_finding_and_the_rest_is_linted(project: Path) -> None:
    """One broken file does not hide the others."""
    (project / "broken.py").write_text("import modal\ndef (:\n", encoding="utf-8")
    done = run("lint", ".", "--format", "json", folder=project)
    found = [(finding["rule"], finding["location"]["path"]) for finding in json.loads(done.stdout)["findings"]]
    assert found == [("SNAP701", "app.py"), ("SNAP901", "broken.py")]
    assert done.returncode == 1


def test_standard_input_is_linted_under_its_name(tmp_path: Path) -> None:
    """Editors pipe what is not saved yet."""
    done = run("lint", "-", "--stdin-filename", "deploy/app.py", folder=tmp_path, text=BAD)
    assert "--> deploy/app.py:6:2" in done.stdout


def test_suppression_with_a_reason(project: Path) -> None:
    """On the line, by code or name; an unused or malformed one is a finding."""
    marked = BAD.replace('@app.cls(gpu="L40S")', '@app.cls(gpu="L40S")  # snapdoctor: ignore[SNAP701] steady traffic')
    (project / "app.py").write_text(marked, encoding="utf-8")
    assert run("lint", "app.py", "--fail-on", "advice", folder=project).returncode == 0
    (project / "app.py").write_text(
        BAD.replace('@app.cls(gpu="L40S")', '@app.cls(gpu="L40S")  # snapdoctor: ignore SNAP701'), encoding="utf-8"
    )
    assert "SNAP902" in run("lint", "app.py", folder=project).stdout


def test_linting_never_runs_the_app(project: Path) -> None:
    """The module is read, not imported."""
    (project / "app.py").write_text(BAD + "\nimport pathlib\npathlib.Path('touched').write_text('x')\n", encoding="utf-8")
    run("lint", "app.py", folder=project)
    assert not (project / "touched").exists()


def test_timeline_draws_the_snapshot_line() -> None:
    """Events before the capture stand above the line, the rest below."""
    out = run("timeline", "reference_deployments/qwen3_5_35b_a3b_fp8_sglang.py", folder=Path.cwd()).stdout
    above, line, below = out.partition("GPU memory snapshot")
    assert line
    assert "(release)" in above
    assert "(resume)" in below


def test_explain_prints_the_page() -> None:
    """By code and by name."""
    by_code = run("explain", "SNAP301", folder=Path.cwd()).stdout
    assert by_code.startswith("# SNAP301 mapped-weights")
    assert run("explain", "mapped-weights", folder=Path.cwd()).stdout == by_code
    assert run("explain", "SNAP999", folder=Path.cwd()).returncode == 2


@pytest.mark.parametrize(
    "command", ["lint", "timeline", "probe", "rehearse", "checkup", "diagnose", "rules", "explain", "init", "show-config", "completion"]
)
def test_every_command_explains_itself(command: str) -> None:
    """With a sentence, an option a line, and no warning."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "snapdoctor", command, "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: python -m snapdoctor {command} ")
