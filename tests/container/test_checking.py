"""`check()` and `restored()` as an app's hooks call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def in_container(code: str, *arguments: str, environment: dict[str, str] | None = None) -> list[str]:
    """Run code as the first process of a pid namespace of its own, as a container's is; its lines of output."""
    done = subprocess.run(
        [*CONTAINER, sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "MODAL_IS_REMOTE": "1", **(environment or {})},
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


RESIDUE = """
import json, os, sys, threading
import snapdoctor
from snapdoctor import check, check_async, restored

def residue():
    descriptors = sorted(f"{name} {os.readlink('/proc/self/fd/' + name)}" for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))
    with open("/proc/self/maps") as maps:
        mapped = sorted({line.split()[5] for line in maps if len(line.split()) > 5 and line.split()[5].startswith("/")})
    return descriptors, os.listdir("/proc/self/task"), mapped, sorted(sys.modules)

before = residue()
check(raise_on="never", show=False)
print(json.dumps([before, residue()]))
"""


def test_check_leaves_nothing_in_the_process_that_calls_it() -> None:
    """Descriptors, threads, mapped files and modules are the same before and after."""
    done = subprocess.run([sys.executable, "-c", RESIDUE], capture_output=True, text=True, check=True, timeout=60)
    before, after = json.loads(done.stdout)
    assert after == before


def test_check_async_lets_the_event_loop_run() -> None:
    """Other tasks go on while the child looks."""
    code = """
import asyncio, snapdoctor
async def main():
    turns = 0
    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)
    counting = asyncio.create_task(count())
    found = await snapdoctor.check_async(raise_on="never", show=False)
    print(isinstance(found, tuple), turns > 10)
    counting.cancel()
asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.split() == [
        "True",
        "True",
    ]


def test_another_word_for_the_threshold_is_an_error() -> None:
    """A misspelt threshold must not switch the check off."""
    import snapdoctor

    with pytest.raises(ValueError, match="raise_on must be one of error, warning, advice, never"):
        snapdoctor.check(raise_on="eror")


LIFE = """
import json, os, socket, subprocess, sys
import snapdoctor
folder = sys.argv[1]
model = open(f"{folder}/model")
mapped_file = open(f"{folder}/mapped", "rb")
import mmap
mapped = mmap.mmap(mapped_file.fileno(), 0, prot=mmap.PROT_READ)
log = open(f"{folder}/log", "a")
engine, helper = subprocess.Popen(["sleep", "600"]), subprocess.Popen(["sleep", "601"])
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
accepted, _ = listener.accept()
other = socket.create_server(("127.0.0.1", 0))
snapdoctor.check(raise_on="never", show=False)
if sys.argv[2] == "restored":
    os.environ["MODAL_TASK_ID"] = "ta-2"
    engine.kill()
    engine.wait()
    other.close()
    accepted.close()
    os.unlink(f"{folder}/model")
    os.truncate(f"{folder}/mapped", 10)
    log.write("more")
    log.flush()
found = snapdoctor.restored()
print(json.dumps([found.restored, found.cuda, [(one.kind, one.subject, one.message) for one in found.differences], engine.pid, other.getsockname()[1] if other.fileno() >= 0 else 0]))
helper.kill()
"""


def life(tmp_path: Path, how: str) -> tuple[list[str], list[object]]:
    for name in ("model", "mapped", "log"):
        (tmp_path / name).write_bytes(b"x" * 8192)
    told = in_container(
        LIFE, str(tmp_path), how, environment={"MODAL_TASK_ID": "ta-1", "MODAL_ENABLE_SNAP_RESTORE": "1", "TMPDIR": str(tmp_path)}
    )
    return told[:-1], json.loads(told[-1])


def test_restored_says_what_differs(tmp_path: Path) -> None:
    """A process gone, a listener gone, a connection half dead, a file missing and one that shrank; a log that grew by itself is no news."""
    told, (was_restored, cuda, differences, engine, _) = life(tmp_path, "restored")
    assert (was_restored, cuda) == (True, "not used")
    kinds = [one[0] for one in differences]  # type: ignore[attr-defined]
    assert kinds == ["process", "socket", "socket", "socket", "file", "file"]
    process, connection, other_end, listener, mapped, model = (one[2] for one in differences)  # type: ignore[attr-defined]
    assert f"sleep (pid {engine})" in process
    assert "close-wait" in connection
    assert "is gone: its next use fails" in other_end
    assert "requests to that port are refused" in listener
    assert "SIGBUS" in mapped
    assert "is gone, though it was open at the capture" in model
    assert told[0] == "snapdoctor: this container is restored from a snapshot; CUDA: not used."
    assert len(told) == 7


def test_restored_in_the_container_that_made_the_snapshot(tmp_path: Path) -> None:
    """It goes on with its own task id, and nothing differs."""
    told, (was_restored, _, differences, _, _) = life(tmp_path, "went on")
    assert was_restored is False
    assert differences == []
    assert told[-1] == "snapdoctor: processes, sockets, files and GPU state are as they were at the capture."


def test_restored_without_a_check_before(tmp_path: Path) -> None:
    """Then there is nothing to compare with, and it says so."""
    told = in_container("import snapdoctor; print(snapdoctor.restored())", environment={"MODAL_TASK_ID": "ta-1", "TMPDIR": str(tmp_path)})
    assert "check() left no state" in told[1]
    assert told[2] == "Restored(restored=None, cuda='not used', differences=())"


HAZARD = """
import subprocess, sys
import snapdoctor
child = subprocess.Popen([sys.executable, "-m", "sglang.launch_server", "--enable-memory-saver", "--enable-weights-cpu-backup"])
try:
    print("RETURNED", *(one.rule for one in snapdoctor.check(raise_on="never")))
    snapdoctor.check()
except snapdoctor.SnapshotHazard as hazard:
    print("RAISED", *(one.rule for one in hazard.findings), "|", hazard)
finally:
    child.kill()
"""


def test_check_raises_on_errors_and_shows_the_tree(tmp_path: Path) -> None:
    """An engine that does not listen yet must not be captured: the hook fails where that can still be seen."""
    (tmp_path / "sglang").mkdir()
    (tmp_path / "sglang" / "launch_server.py").write_text("import time\ntime.sleep(600)\n")
    done = subprocess.run(
        [sys.executable, "-c", HAZARD],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert "RETURNED SNAP202" in done.stdout
    assert "RAISED SNAP202 | SNAP202 unready-child: SGLang (pid" in done.stdout
    assert "└─ SGLang server" in done.stdout
    assert "This tree is not fit to be captured: 1 error." in done.stdout
