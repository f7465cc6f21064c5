"""Containers that gVisor really saves, ends and restores from disk (Debian's runsc, as root)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snapdoctor.finding import Confidence, Location
from snapdoctor.linting import active_codes
from snapdoctor.rehearsal import gvisor, model
from snapdoctor.rehearsal.rehearse import Wanted, rehearse
from snapdoctor.rehearsal.roomed import NoEngine
from snapdoctor.rehearsal.run import Run
from snapdoctor.rehearsing import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = "fixtures/rehearsal/sandbox.py"
KINDS = "fixtures/rehearsal/kinds.py"
FAILING = Path("fixtures/rehearsal/failing.py").resolve()
SECONDS = 60.0
PLACE = Location(APP, 1, 1, 1, 1)


def unavailable() -> str:
    try:
        gvisor.found()
    except NoEngine as error:
        return str(error)
    return ""


needs_runsc = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "runsc is here")


@pytest.fixture
def volume() -> Iterator[Path]:
    """A folder with a short path: the name of a socket has to fit beside it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def lived(target: str, **wanted: Any) -> model.Rehearsal:
    """A rehearsal that came to its end, over a real restore."""
    found = rehearse(Wanted(target, engine="gvisor", **wanted))
    assert found.failure is None, found.failure
    assert found.saved is not None
    assert (found.saved.failed, found.saved.error) == ("", "")
    return found


def rules(rehearsal: model.Rehearsal) -> dict[str, Confidence]:
    return {finding.rule: finding.confidence for finding in findings(rehearsal, active_codes((), ()), PLACE)}


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[model.Rehearsal, Path]]:
    """One life that writes files of four kinds before its capture, and the folder of its Volume."""
    with tempfile.TemporaryDirectory() as folder:
        yield lived(f"{APP}::Keeps", volumes={"models": folder}), Path(folder)


@needs_runsc
def test_what_was_written_before_is_there_afterwards_and_only_the_volume_is_this_machines(kept: tuple[model.Rehearsal, Path]) -> None:
    found, volume = kept
    assert [answer.good for answer in found.answers] == [True, True]
    said = found.answers[0].text
    for expected in ("'files': ['kept', 'kept', 'kept', 'kept']", "'pid': 1", "'later': True", "'models': ['written']"):
        assert expected in said
    assert os.uname().release not in said
    assert [file.name for file in volume.iterdir()] == ["written"]
    for place in ("/snapdoctor-sandbox", "/tmp/snapdoctor-sandbox", "/dev/shm/snapdoctor-sandbox"):
        assert not Path(place).exists()


@needs_runsc
def test_it_is_looked_at_from_inside(kept: tuple[model.Rehearsal, Path]) -> None:
    """The state is the sandbox's own: its kernel, its pids, its mounts."""
    found, _ = kept
    assert found.state is not None
    assert found.state.runtime.kind == "gvisor"
    assert [process.pid for process in found.state.processes] == [1]
    assert found.state.modal.phase == "before snapshot"
    assert "/models" in {mount.point for mount in found.state.mounts}
    assert found.served is not None
    assert found.served.modal.phase == "after snapshot"


@needs_runsc
def test_phases_are_measured_over_the_clocks_of_two_kernels(kept: tuple[model.Rehearsal, Path]) -> None:
    found, _ = kept
    names = [phase.name for phase in found.phases]
    assert names == sorted(names, key=model.PHASES.index)
    assert {model.START, model.IMPORT, model.BEFORE, model.CAPTURE, model.RESTORE, model.ANSWER, model.EXIT} <= set(names)
    assert all(0.0 <= phase.seconds < SECONDS for phase in found.phases)
    assert found.saved is not None
    assert found.seconds(model.CAPTURE) >= found.saved.save_seconds
    assert found.saved.image is not None
    assert found.saved.image > 1 << 20


@needs_runsc
@pytest.mark.parametrize(("name", "said"), [("count", "0"), ("Asynchronous", "42")])
def test_generators_and_async_hooks(name: str, said: str) -> None:
    found = lived(f"{KINDS}::{name}")
    assert said in found.answers[0].text


@needs_runsc
@pytest.mark.parametrize("name", ["Endpoint", "Web", "asgi"])
def test_what_answers_over_http(name: str) -> None:
    found = lived(f"{KINDS}::{name}")
    assert "200" in found.answers[0].text


@needs_runsc
def test_a_server_is_asked_from_inside() -> None:
    found = lived(f"{KINDS}::Server")
    assert found.answers[0].text == "200 OK"
    assert found.state is not None
    assert len(found.state.processes) == 2


@needs_runsc
def test_what_cannot_be_saved_is_refused_by_gvisor_itself(volume: Path) -> None:
    """Before March 2025 gVisor could not save a file that was removed while open: the look says so first, then runsc does."""
    month = gvisor.found().month
    if month >= "2025-03":
        pytest.skip(f"runsc of {month} saves it")
    found = rehearse(Wanted(f"{APP}::RemovedWhileOpen", engine="gvisor", volumes={"models": str(volume)}))
    assert found.failure is not None
    assert found.failure.phase == model.CAPTURE
    assert "could not save the container: encoding error" in found.failure.what
    assert "cache" in found.failure.what
    assert found.saved is not None
    assert found.saved.failed == "save"
    assert {"SNAP607", "SNAP803"} <= rules(found).keys()
    assert rules(found)["SNAP803"] is Confidence.LIKELY


@needs_runsc
def test_a_file_that_is_gone_at_the_restore(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (volume / "weights").write_text("weights")
    go_on = Run._go_on

    def removed(run: Run) -> None:
        (volume / "weights").unlink()
        go_on(run)

    monkeypatch.setattr(Run, "_go_on", removed)
    found = rehearse(Wanted(f"{APP}::OpenFile", engine="gvisor", volumes={"models": str(volume)}))
    assert found.failure is not None
    assert found.failure.phase == model.RESTORE
    assert found.saved is not None
    assert found.saved.failed == "restore"
    assert {"SNAP605", "SNAP802"} <= rules(found).keys()


@needs_runsc
def test_a_container_that_ends_in_its_hook() -> None:
    found = rehearse(Wanted(f"{APP}::Ends", engine="gvisor"))
    assert found.failure is not None
    assert (found.failure.phase, found.failure.what) == (model.BEFORE, "the container ended with status 7")
    assert "going" in found.failure.traceback


@needs_runsc
def test_a_failing_hook_is_told_with_its_own_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL_AFTER", "60")
    found = rehearse(Wanted(f"{FAILING}::Model", engine="gvisor", environment={"FAIL": "wake"}))
    assert found.failure is not None
    assert found.failure.phase == model.AFTER
    assert "broken in wake" in found.failure.what
    assert "failing.py" in found.failure.traceback


def marked(mark: str) -> list[int]:
    """Every process of this machine that has the mark in its environment or in its command line."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                if any(mark.encode() in Path("/proc", name, part).read_bytes() for part in ("environ", "cmdline")):
                    found.append(int(name))
            except OSError:
                continue
    return found


@needs_runsc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("step", ["load", "wake"])
def test_killed_it_leaves_nothing(step: str, number: signal.Signals) -> None:
    mounts = Path("/proc/self/mountinfo").read_text()
    mark = uuid.uuid4().hex[:12]
    folder = Path(tempfile.gettempdir(), mark)
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder), "PATH": f"{os.environ['PATH']}:/{mark}", "FAIL_AFTER": "60"}
    command = [
        sys.executable,
        "-m",
        "snapdoctor",
        "rehearse",
        f"{FAILING}::Model",
        "--sandbox",
        "--env",
        f"FAIL=hang {step}",
        "--show-output",
    ]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = b""
        while f"in {step}".encode() not in said:
            chunk = process.stderr.readline()
            assert chunk, said
            said += chunk
        assert any(b"runsc" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in marked(mark))
        process.send_signal(number)
        process.wait(timeout=SECONDS)
        until = time.monotonic() + SECONDS
        while (marked(mark) or any(folder.iterdir())) and time.monotonic() < until:
            time.sleep(0.02)
        assert (marked(mark), list(folder.iterdir())) == ([], [])
    folder.rmdir()
    assert Path("/proc/self/mountinfo").read_text() == mounts


def test_without_runsc_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", f"{APP}::Keeps", "--sandbox"],
        env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "apt-get install runsc" in done.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'checkpoint failed: checkpointing container "captured": encoding error at object gofer.dentry{vfsd:vfs.Dentry{dead:true, x:{}}, '
            'name:"cache", refs:1}:\ngoroutine 1',
            "encoding error at object gofer.dentry: cache was removed while it is open or mapped",
        ),
        (
            'checkpoint failed: checkpointing container "captured": encoding error at object tcp.endpoint{x:tcp.y{}}',
            "encoding error at object tcp.endpoint: a TCP socket in an epoll set (gVisor before 2023 only)",
        ),
        ('running container: starting container: restoring container "restored": header error: EOF:', "header error: EOF"),
        ("something else", "something else"),
    ],
)
def test_the_reason_is_found_in_what_runsc_prints(said: str, told: str) -> None:
    assert gvisor.reason(said) == told


@pytest.mark.parametrize(("version", "month"), [("0.0~20221219.0", "2022-12"), ("release-20260817.0", "2026-08"), ("VERSION_MISSING", "")])
def test_the_month_of_a_release(version: str, month: str) -> None:
    assert gvisor.Runsc("runsc", version).month == month
