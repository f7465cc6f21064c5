"""Whole lives through Modal's own runtime: every kind of deployment, and a failure in each phase."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from snapdoctor.finding import Location
from snapdoctor.linting import active_codes
from snapdoctor.rehearsal import model
from snapdoctor.rehearsal.rehearse import Wanted, rehearse
from snapdoctor.rehearsal.surroundings import BadSurroundings, dotenv
from snapdoctor.rehearsal.target import BadTarget
from snapdoctor.rehearsing import findings

KINDS = "fixtures/rehearsal/kinds.py"
FAILING = "fixtures/rehearsal/failing.py"
PLACE = Location(KINDS, 1, 1, 1, 1)


def lived(target: str, **wanted: Any) -> model.Rehearsal:
    """A rehearsal that came to its end."""
    found = rehearse(Wanted(target, **wanted))
    assert found.failure is None, found.failure
    assert found.survivors == ()
    return found


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def test_a_class_lives_with_everything_that_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "model.gguf").touch()
    secret = tmp_path / "hub.env"
    secret.write_text("# a comment\nexport HUB_TOKEN='hf one'\n")
    found = lived(
        f"{KINDS}::Model", method="ask", input='{"count": 4, "scale": 10}', parameters={"size": "3", "label": "tiny"},
        environment={"GIVEN": "yes"}, secrets={"hub": str(secret)}, volumes={"models": str(weights)},
    )  # fmt: skip
    assert [answer.good for answer in found.answers] == [True, True]
    said = found.answers[0].text
    for expected in (
        "'sum': 30",
        "'label': 'tiny'",
        "['load', 'wake']",
        "['model.gguf']",
        "\"a b 'c'\"",
        "'INLINE': 'given'",
        "'HUB_TOKEN': '***'",
        "'GIVEN': 'yes'",
    ):
        assert expected in said
    assert "'AWS_SECRET_ACCESS_KEY': None" in said
    assert [(hook.name, hook.phase) for hook in found.hooks] == [("load", model.BEFORE), ("wake", model.AFTER), ("leave", model.EXIT)]
    names = [phase.name for phase in found.phases]
    assert names == sorted(names, key=model.PHASES.index)
    assert {model.START, model.IMPORT, model.BEFORE, model.RESTORE, model.AFTER, model.ANSWER, model.AGAIN, model.EXIT} <= set(names)
    assert found.state is not None
    assert found.state.modal.phase == "before snapshot"
    assert len(found.state.processes) == 1
    assert found.notes == ()
    assert not Path("/snapdoctor-models").exists()


def test_without_input_the_only_method_that_needs_none_is_called() -> None:
    found = lived(f"{KINDS}::Model")
    assert (found.method, found.answers[0].text) == ("hello", "'hello'")
    assert len(found.notes) == 2
    assert "Secret hub (HUB_TOKEN) was not given" in found.notes[0]
    assert "Volume models" in found.notes[1]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [("add", "[40]", "42"), ("add", '{"a": 1, "b": 1}', "2"), ("count", None, "0"), ("Asynchronous", None, "42")],
)
def test_functions_generators_and_async_hooks(name: str, given: str | None, said: str) -> None:
    found = lived(f"{KINDS}::{name}", input=given)
    assert found.state is not None
    assert said in found.answers[0].text


@pytest.mark.parametrize(("name", "path", "children"), [("Endpoint", "/?q=3", 0), ("Web", "/", 1), ("asgi", "/", 0), ("Server", "/", 1)])
def test_what_answers_over_http(name: str, path: str, children: int) -> None:
    found = lived(f"{KINDS}::{name}", path=path, environment={"KINDS_PORT": free_port()} if name != "Server" else {})
    assert found.answers[0].good
    assert "200" in found.answers[0].text
    assert found.state is not None
    assert len(found.state.processes) == 1 + children


def test_a_runtime_import_after_the_restore_is_seen() -> None:
    found = lived(f"{KINDS}::Endpoint")
    late = {one.name: one for one in found.imports if one.phase in model.RESTORED}
    assert "fastapi" in late
    assert "fastapi" in " ".join(finding.message for finding in findings(found, active_codes(("SNAP107",), ()), PLACE))


def test_a_server_on_localhost_is_never_ready() -> None:
    found = rehearse(Wanted(f"{KINDS}::LocalhostOnly", environment={"KINDS_PORT": free_port()}))
    assert found.failure is not None
    assert found.state is not None
    assert any(finding.rule == "SNAP112" for finding in findings(found, active_codes(("SNAP112",), ()), PLACE))


@pytest.mark.parametrize(
    ("step", "phase"), [("import", model.IMPORT), ("load", model.BEFORE), ("wake", model.AFTER), ("leave", model.EXIT)]
)
def test_a_failing_hook_is_told_with_its_own_traceback(step: str, phase: str) -> None:
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": step}))
    assert found.failure is not None
    assert found.failure.phase == phase
    assert found.failure.what == f"RuntimeError('broken in {step}')"
    assert 'raise RuntimeError(f"broken in {phase}")' in found.failure.traceback
    assert "snapdoctor/rehearsal" not in found.failure.traceback


@pytest.mark.parametrize(
    ("name", "step", "phase"), [("Web", "serve", model.WEB), ("web_function", "serve", model.WEB), ("Web", "wake", model.AFTER)]
)
def test_a_failing_web_body_is_told_apart_from_the_hooks(name: str, step: str, phase: str) -> None:
    found = rehearse(Wanted(f"{FAILING}::{name}", environment={"FAIL": step}))
    assert found.failure is not None
    assert (found.failure.phase, found.failure.what) == (phase, f"RuntimeError('broken in {step}')")
    assert found.phases[-1].name == phase


def test_only_what_serves_the_web_has_a_web_server() -> None:
    assert model.WEB not in {phase.name for phase in lived(f"{KINDS}::Model").phases}
    assert model.WEB in {phase.name for phase in lived(f"{KINDS}::asgi").phases}


def test_after_a_cancelled_request_no_other_one_is_handed_out() -> None:
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": "hang ask"}))
    assert found.failure is not None
    assert found.failure.limit == "timeout"
    assert model.AGAIN not in {phase.name for phase in found.phases}
    assert [answer.text for answer in found.answers] == ["cancelled"]
    assert not any("did not end" in note for note in found.notes)


@pytest.mark.parametrize(
    ("step", "said"), [("load", "before it was ready"), ("wake", "before it was ready"), ("ask", "before it had answered")]
)
def test_a_container_that_ends_by_itself_did_not_live(step: str, said: str) -> None:
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": f"end {step}"}))
    assert found.failure is not None
    assert said in found.failure.what


def test_a_crash_is_told_by_its_signal_and_shows_where_when_asked() -> None:
    """As an engine's library crashes: without a word of Python's."""
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": "crash load"}))
    assert found.failure is not None
    assert (found.failure.phase, found.failure.traceback) == (model.BEFORE, "")
    assert found.failure.what == "the container was ended by SIGSEGV; --env PYTHONFAULTHANDLER=1 shows where"
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": "crash load", "PYTHONFAULTHANDLER": "1"}))
    assert found.failure is not None
    assert "in load" in found.failure.traceback


def test_a_failing_request_is_an_answer() -> None:
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": "ask"}))
    assert found.failure is None
    assert not found.answers[0].good
    assert "broken in ask" in found.answers[0].text


@pytest.mark.parametrize(
    ("step", "limit", "phase"),
    [("load", "startup_timeout", model.BEFORE), ("wake", "startup_timeout", model.AFTER), ("ask", "timeout", model.ANSWER)],
)
def test_time_limits_are_the_deployments_own(step: str, limit: str, phase: str) -> None:
    found = rehearse(Wanted(f"{FAILING}::Model", environment={"FAIL": f"hang {step}"}))
    assert found.failure is not None
    assert (found.failure.limit, found.failure.phase) == (limit, phase)


def test_a_kept_secret_is_seen_and_a_renewed_one_is_not(tmp_path: Path) -> None:
    secret = tmp_path / "hub.env"
    secret.write_text("HUB_TOKEN=hf_something\n")
    found = lived(f"{FAILING}::Keeps", secrets={"hub": str(secret)})
    assert {copy.where for copy in found.copies} == {"self.kept", "self.clients['hub']['token']"}
    assert all(copy.sure and copy.secret == "hub" for copy in found.copies)
    assert "hf_something" not in repr([finding.message for finding in findings(found, active_codes((), ()), PLACE)])


@pytest.mark.parametrize(
    ("target", "wanted", "said"),
    [
        (f"{KINDS}::Nothing", {}, "deploys nothing called Nothing"),
        (f"{KINDS}::Model", {"method": "nope"}, "has no method nope"),
        (f"{KINDS}::Model", {"method": "ask", "input": "{"}, "JSON"),
        (KINDS, {}, "say which"),
    ],
)
def test_bad_targets_say_what_there_is(target: str, wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(BadTarget, match=said):
        rehearse(Wanted(target, **wanted))


def test_bad_surroundings_name_the_file(tmp_path: Path) -> None:
    broken = tmp_path / "x.env"
    broken.write_text("A=1\nB\n")
    with pytest.raises(BadSurroundings, match=r"x\.env:2: expected NAME=value"):
        dotenv(broken)
    with pytest.raises(BadSurroundings, match="no such folder"):
        rehearse(Wanted(f"{KINDS}::Model", volumes={"models": str(tmp_path / "nowhere")}))


def test_the_command_prints_the_life_and_exits_by_what_it_found() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", f"{FAILING}::Model"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "'answered'" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", f"{FAILING}::Model", "--env", "FAIL=load"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "broken in load" in done.stdout
