"""Whatever kills a rehearsal, and when: nothing that it started is left running or mounted, and no folder of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest

FAILING = Path("fixtures/rehearsal/failing.py").resolve()
SECONDS = 30.0
# A job in the background of a shell is started with interrupts ignored, and so are its children.
INTERRUPTIBLE = ("env", "--default-signal=INT")


def marked(mark: str) -> list[int]:
    """Every process of this machine that has the mark in its environment."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if mark.encode() in Path("/proc", name, "environ").read_bytes():
                    found.append(int(name))
            except OSError:
                continue
    return found


def none_left(mark: str) -> list[int]:
    """What is still there when there was time enough for it to end."""
    until = time.monotonic() + SECONDS
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def all_there(mark: str, count: int) -> list[int]:
    """Who is there as soon as this many are: a process that executes another program has no environment for a moment."""
    until = time.monotonic() + SECONDS
    while len(found := marked(mark)) < count and time.monotonic() < until:
        time.sleep(0.02)
    return found


def started(folder: Path, step: str, mark: str, *more: str) -> subprocess.Popen[bytes]:
    """A rehearsal that hangs in a step, with everything of it marked and its temporary folders under `folder`."""
    environment = {**os.environ, "TMPDIR": str(folder), "PATH": f"{os.environ['PATH']}:/{mark}"}
    command = [
        *INTERRUPTIBLE,
        sys.executable,
        "-m",
        "snapdoctor",
        "rehearse",
        f"{FAILING}::Model",
        "--env",
        f"FAIL=hang {step}",
        "--show-output",
    ]
    command += more
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def wait_until_in(process: subprocess.Popen[bytes], step: str) -> None:
    """Until the app says that it hangs."""
    assert process.stderr is not None
    said = b""
    while f"in {step}".encode() not in said:
        chunk = process.stderr.readline()
        assert chunk, said
        said += chunk


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("step", ["import", "load", "wake", "ask", "leave"])
def test_killed_in_any_phase_it_leaves_nothing(tmp_path: Path, step: str, number: signal.Signals) -> None:
    mark = uuid.uuid4().hex
    process = started(tmp_path, step, mark)
    try:
        wait_until_in(process, step)
        assert len(all_there(mark, 5)) >= 5, "the command, its keeper, the container and two children that want to get away"
        process.send_signal(number)
        process.wait(timeout=SECONDS)
        assert none_left(mark) == []
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
    until = time.monotonic() + SECONDS
    while any(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []


def test_with_its_keeper_killed_it_ends_everything_itself(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    process = started(tmp_path, "load", mark)
    wait_until_in(process, "load")
    keeper = next(pid for pid in marked(mark) if b"snapdoctor.rehearsal.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(keeper, signal.SIGKILL)
    assert process.wait(timeout=SECONDS) == 1
    assert none_left(mark) == []
    assert process.stderr is not None
    process.stderr.close()


def test_the_time_limit_ends_what_wants_to_get_away(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    process = started(tmp_path, "load", mark)
    assert process.wait(timeout=SECONDS) == 1
    assert none_left(mark) == []
    assert list(tmp_path.iterdir()) == []
    assert process.stderr is not None
    process.stderr.close()


def test_killed_it_leaves_nothing_mounted() -> None:
    mounts = Path("/proc/self/mountinfo").read_text()
    with tempfile.TemporaryDirectory() as folder:
        mark = uuid.uuid4().hex
        process = started(Path(folder), "load", mark)
        wait_until_in(process, "load")
        process.kill()
        process.wait()
        assert none_left(mark) == []
        assert process.stderr is not None
        process.stderr.close()
    assert Path("/proc/self/mountinfo").read_text() == mounts
