"""What a rehearsal tells programs, of lives that were really lived."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import snapdoctor
from snapdoctor.container.document import from_json
from snapdoctor.container.model import DeviceUse
from snapdoctor.linting import active_codes
from snapdoctor.rehearsal import model
from snapdoctor.rehearsal.hiding import hiding
from snapdoctor.staging import suspended_in_place

KINDS = "fixtures/rehearsal/kinds.py"
FAILING = "fixtures/rehearsal/failing.py"
SCHEMA = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "findings-v1.json").read_text(encoding="utf-8"))
SECRET, OTHER = "hf_something_to_keep", "hf_something_else"


def rehearsed(*arguments: str) -> tuple[dict[str, Any], int]:
    """The findings document of a command, which follows its schema, and the exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", *arguments, "--format", "json"], capture_output=True, text=True, check=False
    )
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    return document, done.returncode


def test_a_whole_life_is_told(tmp_path: Path) -> None:
    """Measured beside predicted; no key is in any of it, although the app answers with them."""
    secret = tmp_path / "hub.env"
    secret.write_text(f"HUB_TOKEN={SECRET}\n")
    document, _ = rehearsed(
        f"{KINDS}::Model", "--method", "ask", "--input", "[4]", "--secret", f"hub={secret}", "--env", f"HF_TOKEN={OTHER}"
    )
    life = document["rehearsal"]
    assert (life["deployment"], life["method"], life["kind"], life["snapshot"], life["timeout"]) == ("Model", "ask", "cls", "cpu", 60)
    names = [phase["name"] for phase in life["phases"]]
    assert names == [name for name in model.PHASES if name != model.WEB]
    assert [(hook["name"], hook["phase"]) for hook in life["hooks"]] == [
        ("load", model.BEFORE),
        ("wake", model.AFTER),
        ("leave", model.EXIT),
    ]
    assert life["captured"]["processes"] == 1
    assert life["captured"]["image"] == life["captured"]["host"] > 0
    seconds = {phase["name"]: phase["seconds"] for phase in life["phases"]}
    assert life["cold_start_seconds"] == pytest.approx(sum(seconds.get(name, 0) for name in model.COLD))
    assert life["restore_seconds"] == pytest.approx(sum(seconds.get(name, 0) for name in model.RESTORED))
    assert [answer["good"] for answer in life["answers"]] == [True, True]
    assert "'HUB_TOKEN': '***'" in life["answers"][0]["text"]
    assert not any(value in json.dumps(document) for value in (SECRET, OTHER))
    assert (life["failure"], life["output"]) == (None, "")
    assert any("Volume models" in note for note in life["notes"])
    assert life["verdict"].startswith("It lived. To the first answer: ")
    assert not {"state", "served"} & set(life)


def test_what_the_source_predicts_stands_by_phase() -> None:
    """Only phases of which it says something."""
    life = rehearsed(f"{KINDS}::Web")[0]["rehearsal"]
    predicted = {one["phase"]: one["events"] for one in life["predicted"]}
    assert any(event.startswith("start ") for event in predicted[model.BEFORE])
    assert all(predicted.values())


@pytest.mark.parametrize(("step", "phase"), [("import", model.IMPORT), ("load", model.BEFORE), ("wake", model.AFTER)])
def test_a_life_that_failed_has_no_costs(step: str, phase: str) -> None:
    """But its failure, with the traceback, and the end of what was printed."""
    document, status = rehearsed(f"{FAILING}::Model", "--env", f"FAIL={step}")
    life = document["rehearsal"]
    assert status == 1
    assert (life["failure"]["phase"], life["failure"]["what"]) == (phase, f"RuntimeError('broken in {step}')")
    assert 'raise RuntimeError(f"broken in {phase}")' in life["failure"]["traceback"]
    assert (life["restore_seconds"], life["cold_start_seconds"], life["answers"]) == (None, None, [])
    assert f"broken in {step}" in life["output"]
    assert life["verdict"] == f"This life did not come to its end: it failed in {phase}."


def test_a_life_without_a_snapshot_restores_nothing() -> None:
    """And a request that exceeds its limit says which."""
    life = rehearsed(f"{KINDS}::plain")[0]["rehearsal"]
    assert (life["snapshot"], life["captured"], life["checkpoint"], life["restore_seconds"]) == ("none", None, None, None)
    assert life["cold_start_seconds"] > 0
    life = rehearsed(f"{FAILING}::Model", "--env", "FAIL=hang ask")[0]["rehearsal"]
    assert life["failure"]["limit"] == "timeout"
    assert [answer["text"] for answer in life["answers"]] == ["cancelled"]


def test_a_tree_that_is_suspended_in_place() -> None:
    """No phases, but the checkpoint, or why there was none."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        document, status = rehearsed("--pid", str(process.pid))
        assert process.stdin is not None
        process.stdin.close()
    life = document["rehearsal"]
    assert status == 0
    assert (life["kind"], life["phases"], life["answers"]) == (model.IN_PLACE, [], [])
    assert life["captured"]["processes"] == 1
    assert life["verdict"] == "Nothing was suspended."
    assert life["checkpoint"]["skipped"]


def test_a_tree_that_would_not_come_back_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ranks of NCCL are suspended and never brought back: somebody's running work would be lost."""
    state = from_json(Path("fixtures/states/gpu/context.json").read_bytes())
    rank = state.processes[0]
    assert rank.cuda is not None
    rank = rank._replace(
        cuda=rank.cuda._replace(devices=(*rank.cuda.devices, DeviceUse("/dev/nvidia1", 23, 3, 1 << 20))),
        mapped=(*rank.mapped, rank.mapped[0]._replace(path="/usr/lib/libnccl.so.2")),
    )
    monkeypatch.setattr("snapdoctor.probing.live_state", lambda *_, **__: state._replace(processes=(rank, rank._replace(pid=rank.pid + 1))))
    report = suspended_in_place(rank.pid, active_codes((), ()))
    assert report.rehearsed is not None
    assert report.rehearsed.rehearsal.checkpoint is not None
    assert "left as it is" in report.rehearsed.rehearsal.checkpoint.skipped
    assert "SNAP106" in {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        (SECRET, f"Bearer {SECRET}.", "Bearer ***."),
        ("a'b\"c\\d", repr({"key": "a'b\"c\\d"}), "{'key': '***'}"),
        ("pässword\n", json.dumps({"key": "pässword\n"}), '{"key": "***"}'),
        ("first line\nsecond line", "it printed: second line", "it printed: ***"),
        ("true", "it is true", "it is true"),
    ],
)
def test_values_are_hidden_as_they_are_written(value: str, text: str, shown: str) -> None:
    """Escaped by Python or JSON, or a line of several; what is too short to be a key is left."""
    assert hiding([value])(text) == shown
