"""How a team takes snapdoctor up: baseline, suppressions, hook, changed files, starters, configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import snapdoctor
from snapdoctor.config import schema

NAIVE = Path("fixtures/naive/gemma_4_26b_llama_server.py").read_text(encoding="utf-8")
ROOT = Path.cwd()
ENVIRONMENT = {**{key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI", "GIT_"))}, "PYTHONSAFEPATH": "1"}


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "snapdoctor", *arguments], capture_output=True, text=True, cwd=folder, check=False, env=ENVIRONMENT
    )


def git(*arguments: str, folder: Path) -> str:
    """Run git in a folder."""
    named = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *named, *arguments], capture_output=True, text=True, cwd=folder, check=True, env=ENVIRONMENT).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one app that has an error and two warnings."""
    (tmp_path / "app.py").write_text(NAIVE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def adopted(project: Path) -> Path:
    """The same, its findings in a baseline."""
    assert run("lint", "--baseline", "known.json", "--write-baseline", folder=project).returncode == 0
    return project


def test_a_baseline_hides_what_it_holds(adopted: Path) -> None:
    """Old findings no longer fail the run, and their number is said."""
    done = run("lint", "--baseline", "known.json", folder=adopted)
    assert done.returncode == 0
    assert "3 findings are in known.json" in done.stderr
    assert "line" not in json.loads((adopted / "known.json").read_text())["findings"][0]


EDITS = {
    "lines above": lambda text: "# one\n# two\n\n" + text,
    "a variable renamed": lambda text: text.replace("MODEL", "WEIGHTS").replace("PORT", "LISTEN"),
    "a function above": lambda text: text.replace("def wait_for_port", "def another() -> None:\n    pass\n\n\ndef wait_for_port"),
    "quotes": lambda text: text.replace('"--host", "0.0.0.0"', "'--host', '0.0.0.0'"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_baseline_outlives_edits_elsewhere(edit: str, adopted: Path) -> None:
    """Line numbers, names and quotes are no part of a finding's identity."""
    path = adopted / "app.py"
    path.write_text(EDITS[edit](NAIVE), encoding="utf-8")
    done = run("lint", "--baseline", "known.json", folder=adopted)
    assert done.returncode == 0, done.stdout


def test_a_baseline_outlives_the_formatter(adopted: Path) -> None:
    """`ruff format` with other settings moves everything."""
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "60", "--config", 'format.quote-style="single"', "app.py"]
    subprocess.run(ruff, cwd=adopted, check=True, capture_output=True)
    assert (adopted / "app.py").read_text() != NAIVE
    done = run("lint", "--baseline", "known.json", folder=adopted)
    assert done.returncode == 0, done.stdout


def test_a_baseline_does_not_outlive_the_findings_own_change(adopted: Path) -> None:
    """A changed command is looked at again; entries without a finding are said, and dropped on request."""
    path = adopted / "app.py"
    path.write_text(NAIVE.replace('"-ngl", "all"', '"-ngl", "20"'), encoding="utf-8")
    done = run("lint", "--baseline", "known.json", "--format", "json", folder=adopted)
    assert {finding["rule"] for finding in json.loads(done.stdout)["findings"]} == {"SNAP301", "SNAP401"}
    assert "2 entries of known.json match nothing" in done.stderr
    run("lint", "--baseline", "known.json", "--write-baseline", folder=adopted)
    assert len(json.loads((adopted / "known.json").read_text())["findings"]) == 3


def test_writing_from_a_part_keeps_the_rest(adopted: Path) -> None:
    """Entries of other files and other rules are not the run's to drop."""
    (adopted / "other.py").write_text(NAIVE.replace("class Gemma", "class Other"), encoding="utf-8")
    run("lint", "other.py", "--baseline", "known.json", "--write-baseline", folder=adopted)
    assert len(json.loads((adopted / "known.json").read_text())["findings"]) == 6
    done = run("lint", "--select", "SNAP301", "--baseline", "known.json", "--write-baseline", folder=adopted)
    assert "4 of files or rules" in done.stderr
    assert run("lint", "--baseline", "known.json", folder=adopted).returncode == 0
    (adopted / "other.py").unlink()
    run("lint", "--baseline", "known.json", "--write-baseline", folder=adopted)
    assert len(json.loads((adopted / "known.json").read_text())["findings"]) == 3


def test_a_second_finding_like_a_known_one_is_new(adopted: Path) -> None:
    """Occurrences are counted."""
    path = adopted / "app.py"
    second = NAIVE[NAIVE.index("@app.cls") :].replace("class Gemma", "class Other")
    path.write_text(NAIVE + "\n\n" + second, encoding="utf-8")
    assert run("lint", "--baseline", "known.json", folder=adopted).returncode == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such baseline"),
        ("{", "cannot be read"),
        ('{"version": 9}', "no baseline of version"),
        ('{"version": 1, "findings": [{}]}', "lacks"),
    ],
)
def test_a_baseline_that_is_none_exits_2(text: str | None, said: str, project: Path) -> None:
    """A gate must not go green over it."""
    if text is not None:
        (project / "known.json").write_text(text)
    done = run("lint", "--baseline", "known.json", folder=project)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_configuration_may_name_the_baseline(adopted: Path) -> None:
    """From the folder of the configuration, wherever one stands."""
    (adopted / "snapdoctor.toml").write_text('baseline = "known.json"\n')
    assert run("lint", folder=adopted).returncode == 0
    (adopted / "sub").mkdir()
    assert run("lint", "..", folder=adopted / "sub").returncode == 0


def test_a_malformed_suppression_is_a_finding(project: Path) -> None:
    """Never silent, also in a helper that an app reads."""
    (project / "helper.py").write_text("PORT = 1  # snapdoctor: ignore SNAP301\n")
    (project / "app.py").write_text("import helper\n" + NAIVE + "\n# snapdoctor: ignore[SNAP999] no such rule\nX = helper.PORT\n")
    found = json.loads(run("lint", "--select", "SNAP902", "--format", "json", folder=project).stdout)["findings"]
    assert {finding["location"]["path"] for finding in found} == {"app.py", "helper.py"}


def test_only_changed_apps_are_reported(project: Path) -> None:
    """An app counts as changed when a file that it reads is."""
    (project / "settings.py").write_text("GPU = 'L40S'\n")
    (project / "other.py").write_text("from settings import GPU\n" + NAIVE.replace('gpu="L40S"', "gpu=GPU"))
    git("init", "-q", folder=project)
    git("add", ".", folder=project)
    git("commit", "-qm", "start", folder=project)
    assert run("lint", "--changed-since", "HEAD", folder=project).returncode == 0
    (project / "settings.py").write_text("GPU = 'L4'\n")
    done = run("lint", "--changed-since", "HEAD", "--format", "json", folder=project)
    assert {finding["location"]["path"] for finding in json.loads(done.stdout)["findings"]} == {"other.py"}
    done = run("lint", "--changed-since", "nowhere", folder=project)
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_ignored_files_are_not_looked_at(project: Path) -> None:
    """Unless they are named."""
    git("init", "-q", folder=project)
    (project / ".gitignore").write_text("app.py\n")
    assert "nothing to check" in run("lint", folder=project).stderr
    assert run("lint", "app.py", folder=project).returncode == 1


@pytest.mark.parametrize("hook", ["snapdoctor-lint", "snapdoctor-lint-fix"])
def test_the_hook_runs_under_pre_commit(hook: str, project: Path) -> None:
    """A real `pre-commit run`, with the hook's own entry, types and arguments; this interpreter's tool stands for the installed one."""
    import yaml

    shipped = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    local = {**shipped[hook], "language": "system"}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]}))
    git("init", "-q", folder=project)
    git("add", ".", folder=project)
    path = f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        capture_output=True, text=True, cwd=project, check=False, env={**ENVIRONMENT, "PATH": path},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "SNAP202" in done.stdout
    assert ("--load-mode" in (project / "app.py").read_text()) == hook.endswith("fix")


@pytest.mark.parametrize("engine", ["diffusers", "llama-cpp-python", "llama-server", "sglang"])
def test_a_starter_lints_clean_and_nothing_is_overwritten(engine: str, tmp_path: Path) -> None:
    """With its hook and configuration."""
    done = run("init", engine, "--pre-commit", "--config", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run("lint", "--fail-on", "advice", folder=tmp_path).returncode == 0
    before = (tmp_path / "app.py").read_text()
    again = run("init", engine, folder=tmp_path)
    assert again.returncode == 2
    assert "there already" in again.stderr
    assert (tmp_path / "app.py").read_text() == before


def test_the_hook_joins_the_hooks_that_are_there(tmp_path: Path) -> None:
    """At the end of `repos`, or not at all."""
    import yaml

    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text("repos:\n- repo: local\n  hooks: []\n")
    assert run("init", "--pre-commit", folder=tmp_path).returncode == 0
    assert [repo["hooks"][0]["id"] if repo["hooks"] else None for repo in yaml.safe_load(path.read_text())["repos"]] == [None, "snapdoctor"]
    path.write_text("repos:\n- repo: local\n  hooks: []\nfail_fast: true\n")
    done = run("init", "--pre-commit", folder=tmp_path)
    assert done.returncode == 2
    assert "- id: snapdoctor" in done.stderr


def test_show_config_says_why(tmp_path: Path) -> None:
    """Each rule is on or off for a reason."""
    (tmp_path / "snapdoctor.toml").write_text('ignore = ["SNAP7"]\nextend-select = ["SNAP903"]\n')
    shown = json.loads(run("show-config", "--format", "json", folder=tmp_path).stdout)["rules"]
    assert shown["SNAP701"] == {"on": False, "why": "`ignore` names SNAP7"}
    assert shown["SNAP903"] == {"on": True, "why": "`extend-select` names SNAP903"}
    assert shown["SNAP301"] == {"on": True, "why": "on by default"}


def test_the_shipped_schema_is_fresh() -> None:
    """`snapdoctor show-config --schema` writes it."""
    shipped = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "config-v1.json").read_text(encoding="utf-8"))
    assert shipped == schema()
    jsonschema.Draft202012Validator.check_schema(shipped)
    jsonschema.validate({"select": ["SNAP3"], "fail-on": "error", "per-file-ignores": {"a.py": ["SNAP301"]}}, shipped)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"selct": []}, shipped)


def test_the_shipped_findings_schema_is_fresh() -> None:
    """`snapdoctor rules --findings-schema` writes it, from the models themselves."""
    from snapdoctor.report.schema import schema as findings_schema

    shipped = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "findings-v1.json").read_text(encoding="utf-8"))
    assert shipped == findings_schema()
    jsonschema.Draft202012Validator.check_schema(shipped)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_its_shell(shell: str, tmp_path: Path) -> None:
    """Bash checks its own; the others name the tool."""
    script = run("completion", shell, folder=tmp_path).stdout
    assert "_SNAPDOCTOR_COMPLETE" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("schema_name", "path"), [("vendor.github-actions", "action.yml"), ("vendor.gitlab-ci", "templates/gitlab-ci.yml")]
)
def test_ci_files_follow_their_schemas(schema_name: str, path: str) -> None:
    """GitHub's and GitLab's own schemas, as check-jsonschema carries them."""
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema_name, path], check=True, capture_output=True, text=True
    )
