"""Containers that gVisor (Debian's runsc) or CRIU (4.1 or newer, where it is) really saves, ends and restores from disk, as root."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snapdoctor.finding import Confidence, Location
from snapdoctor.linting import active_codes
from snapdoctor.rehearsal import criu, gvisor, model
from snapdoctor.rehearsal.rehearse import Wanted, rehearse
from snapdoctor.rehearsal.roomed import NoEngine
from snapdoctor.rehearsal.run import Run
from snapdoctor.rehearsing import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = "fixtures/rehearsal/sandbox.py"
KINDS = "fixtures/rehearsal/kinds.py"
FAILING = Path("fixtures/rehearsal/failing.py").resolve()
SHIMS = Path("tests/rehearsal/shims").resolve()
SECONDS = 60.0
PLACE = Location(APP, 1, 1, 1, 1)


def site_packages(python: Path) -> str:
    code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def unavailable(engine: str) -> str:
    try:
        _ = gvisor.found() if engine == "gvisor" else criu.found()
    except NoEngine as error:
        return str(error)
    return ""


WITHOUT = {engine: unavailable(engine) for engine in ("gvisor", "criu")}
needs_runsc = pytest.mark.skipif(bool(WITHOUT["gvisor"]), reason=WITHOUT["gvisor"] or "runsc is here")
with_both = pytest.mark.parametrize(
    "engine", [pytest.param(engine, marks=pytest.mark.skipif(bool(why), reason=why or "it is here")) for engine, why in WITHOUT.items()]
)


@pytest.fixture
def volume() -> Iterator[Path]:
    """A folder with a short path: the name of a socket has to fit beside it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def lived(target: str, engine: str = "gvisor", **wanted: Any) -> model.Rehearsal:
    """A rehearsal that came to its end, over a real restore."""
    found = rehearse(Wanted(target, engine=engine, **wanted))
    assert found.failure is None, found.failure
    assert found.survivors == ()
    assert found.saved is not None
    assert (found.saved.failed, found.saved.error) == ("", "")
    return found


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


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


@with_both
@pytest.mark.parametrize(("name", "said"), [("count", "0"), ("Asynchronous", "42")])
def test_generators_and_async_hooks(engine: str, name: str, said: str) -> None:
    found = lived(f"{KINDS}::{name}", engine)
    assert said in found.answers[0].text


@with_both
@pytest.mark.parametrize("name", ["Endpoint", "Web", "asgi"])
def test_what_answers_over_http(engine: str, name: str) -> None:
    found = lived(f"{KINDS}::{name}", engine, environment={"KINDS_PORT": free_port()})
    assert "200" in found.answers[0].text


@with_both
def test_a_server_is_asked_from_beside_it(engine: str) -> None:
    found = lived(f"{KINDS}::Server", engine)
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


@with_both
def test_a_file_that_is_gone_at_the_restore(engine: str, volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (volume / "weights").write_text("weights")
    go_on = Run._go_on

    def removed(run: Run) -> None:
        (volume / "weights").unlink()
        go_on(run)

    monkeypatch.setattr(Run, "_go_on", removed)
    found = rehearse(Wanted(f"{APP}::OpenFile", engine=engine, volumes={"models": str(volume)}))
    assert found.failure is not None
    assert found.failure.phase == model.RESTORE
    assert found.saved is not None
    assert found.saved.failed == "restore"
    assert {"SNAP605", "SNAP802"} <= rules(found).keys()


@with_both
def test_a_container_that_ends_in_its_hook(engine: str) -> None:
    found = rehearse(Wanted(f"{APP}::Ends", engine=engine))
    assert found.failure is not None
    assert (found.failure.phase, found.failure.what) == (model.BEFORE, "the container ended with status 7")
    assert "going" in found.failure.traceback


@pytest.mark.parametrize(
    "engine",
    ["", *(pytest.param(engine, marks=pytest.mark.skipif(bool(why), reason=why or "it is here")) for engine, why in WITHOUT.items())],
)
def test_a_server_that_is_gone_before_it_answers(engine: str) -> None:
    found = rehearse(Wanted(f"{APP}::EndsUnasked", engine=engine))
    assert found.failure is not None
    assert found.failure.limit == "", "its end is told at once, not when its time is up"
    assert "the container" in found.failure.what


@with_both
def test_a_crash_is_told_by_its_signal(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL_AFTER", "60")
    found = rehearse(Wanted(f"{FAILING}::Model", engine=engine, environment={"FAIL": "crash load"}))
    assert found.failure is not None
    assert "SIGSEGV" in found.failure.what


@with_both
def test_a_failing_hook_is_told_with_its_own_traceback(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL_AFTER", "60")
    found = rehearse(Wanted(f"{FAILING}::Model", engine=engine, environment={"FAIL": "wake"}))
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


@contextmanager
def hanging(engine: str, step: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A rehearsal that hangs in a step, and what marks everything of it; afterwards nothing may be left."""
    mark = uuid.uuid4().hex[:12]
    folder = Path(tempfile.gettempdir(), mark)
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder), "PATH": f"{os.environ['PATH']}:/{mark}", "FAIL_AFTER": "60"}
    option = "--sandbox" if engine == "gvisor" else "--criu"
    # A job in the background of a shell is started with interrupts ignored, and so are its children.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "snapdoctor", "rehearse", f"{FAILING}::Model", option]
    command += ["--env", f"FAIL=hang {step}", "--show-output"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = b""
        while f"in {step}".encode() not in said:
            chunk = process.stderr.readline()
            assert chunk, said
            said += chunk
        yield process, mark
        process.wait(timeout=SECONDS)
    until = time.monotonic() + SECONDS
    while (marked(mark) or any(folder.iterdir())) and time.monotonic() < until:
        time.sleep(0.02)
    assert (marked(mark), list(folder.iterdir())) == ([], [])
    folder.rmdir()


@with_both
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("step", ["load", "wake"])
def test_killed_it_leaves_nothing(engine: str, step: str, number: signal.Signals) -> None:
    mounts = Path("/proc/self/mountinfo").read_text()
    with hanging(engine, step) as (process, mark):
        assert any(b"snapdoctor.rehearsal.room" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in marked(mark))
        process.send_signal(number)
    assert Path("/proc/self/mountinfo").read_text() == mounts


@with_both
@pytest.mark.parametrize("part", ["keeper", "room"])
def test_with_a_part_of_it_killed_it_ends_everything_itself(engine: str, part: str) -> None:
    with hanging(engine, "load") as (_, mark):
        pid = min(pid for pid in marked(mark) if f"snapdoctor.rehearsal.{part}".encode() in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("option", "package"), [("--sandbox", "runsc"), ("--criu", "criu")])
def test_without_an_engine_it_says_what_to_install(tmp_path: Path, option: str, package: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snapdoctor", "rehearse", f"{APP}::Keeps", option],
        env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"apt-get install {package}" in done.stderr


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
            "encoding error at object tcp.endpoint: a TCP socket in an epoll set, which gVisor of 2022-12 refuses and of 2024-07 does not",
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


@with_both
def test_gemma_on_llama_server_goes_to_disk_and_comes_back(engine: str, tmp_path: Path, llama_server: Path, tiny_gguf: Path) -> None:
    """The reference deployment, unchanged: a real llama-server as a child, with threads, sockets and an epoll set."""
    folder = tmp_path / "gemma-4-26b"
    folder.mkdir()
    (folder / "gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf").write_bytes(tiny_gguf.read_bytes())
    found = lived(
        "reference_deployments/gemma_4_26b_llama_server.py::Server", engine, path="/health", volumes={"gemma-4-26b-gguf": str(tmp_path)},
        environment={"PYTHONPATH": str(SHIMS), "TEST_LLAMA_SERVER": str(llama_server)},
    )  # fmt: skip
    assert '{"status":"ok"}' in found.answers[0].text
    assert found.state is not None
    assert len(found.state.processes) == 2
    assert rules(found) == {}


@with_both
def test_glm_on_llama_cpp_python_goes_to_disk_and_comes_back(engine: str, tmp_path: Path, engines_python: Path, tiny_gguf: Path) -> None:
    """The reference deployment, unchanged: loaded in the container's own process."""
    folder = tmp_path / "glm-4.7-flash"
    folder.mkdir()
    (folder / "GLM-4.7-Flash-UD-Q4_K_XL.gguf").write_bytes(tiny_gguf.read_bytes())
    found = lived(
        "reference_deployments/glm_4_7_flash_llama_cpp_python.py::Chat", engine, method="complete", input='["hello", 4]',
        volumes={"glm-4.7-flash-gguf": str(tmp_path)}, environment={"PYTHONPATH": site_packages(engines_python)},
    )  # fmt: skip
    assert [answer.good for answer in found.answers] == [True, True]
    assert rules(found) == {}


@needs_runsc
def test_flux_on_diffusers_goes_to_disk_and_comes_back(tmp_path: Path, engines_python: Path, tiny_flux2_klein: Path) -> None:
    """The reference deployment, unchanged, with torch and a tiny pipeline; the CPU is its GPU."""
    (tmp_path / "flux2-klein-9b").symlink_to(tiny_flux2_klein)
    found = lived(
        "reference_deployments/flux2_klein_9b_diffusers.py::Images", method="generate", input='["a lighthouse", 64]',
        volumes={"flux2-klein-9b": str(tmp_path)}, environment={"PYTHONPATH": f"{SHIMS}:{site_packages(engines_python)}", "TEST_CUDA_IS_CPU": "1"},
    )  # fmt: skip
    assert "PNG" in found.answers[0].text
