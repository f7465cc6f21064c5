"""What the probe says inside real gVisor is what checkpoint and restore then do; the whole table stands in `gvisor-2022-12.md`."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from engines import environment

from checkpoint import case, sandbox, table

HERE = Path(__file__).parent
PROBE = shutil.which("snapdoctor", path=str(Path(sys.executable).parent)) or ""

pytestmark = pytest.mark.skipif(bool(sandbox.unavailable()), reason=sandbox.unavailable() or "runsc is here")


def row(hazard: str, change: str = "") -> table.Row:
    return table.Row(hazard, change, case.run(hazard, change, probe=PROBE, seconds=120))


@pytest.mark.parametrize(
    "hazard",
    [
        "plain",
        "forked_child",
        "spawn_pool",
        "deleted_open_in_tmp",
        "deleted_open_in_root",
        "tcp_loopback",
        "named_semaphore",
        "traced_child",
    ],
)
def test_no_error_where_the_sandbox_is_restored(hazard: str) -> None:
    """Children, pools, connections inside, files in memory: nothing stands in the way, and the probe finds no error."""
    seen = row(hazard)
    assert (seen.errors, seen.result.outcome) == ([], "restored")


@pytest.mark.parametrize(
    ("hazard", "code"),
    [
        ("deleted_open", "SNAP607"),
        ("mapped_deleted", "SNAP607"),
        ("deleted_working_directory", "SNAP607"),
        ("io_uring", "SNAP607"),
        ("tcp_listener_in_epoll", "SNAP607"),
        ("tcp_outside", "SNAP601"),
    ],
)
def test_an_error_where_the_checkpoint_fails(hazard: str, code: str) -> None:
    """What this release refuses to save is an error that names the process."""
    seen = row(hazard)
    assert (seen.errors, seen.result.outcome) == ([code], "checkpoint fails")
    assert seen.result.report is not None
    assert [finding["process"]["pid"] for finding in seen.result.report["findings"] if finding["severity"] == "error"] == [1]


@pytest.mark.parametrize(
    ("hazard", "change", "outcome"),
    [
        ("mapped_without_descriptor", "delete", "restore fails"),
        ("mapped_without_descriptor", "truncate", "restored, fault on access"),
        ("mapped_private", "replace", "restored, new bytes"),
        ("open_for_reading", "delete", "restore fails"),
        ("working_directory", "delete", "restore fails"),
        ("mapped_private", "touch", "restored"),
    ],
)
def test_a_file_that_matters_was_named(hazard: str, change: str, outcome: str) -> None:
    """Whatever is done to a file in between, the probe had named it as a condition of the restore."""
    seen = row(hazard, change)
    assert (seen.named, seen.result.outcome) == (True, outcome)


@pytest.mark.parametrize(("hazard", "outcome"), [("torch_data_loader", "restored"), ("torch_process_group", "checkpoint fails")])
def test_torch(hazard: str, outcome: str) -> None:
    """Workers of a DataLoader restore right; a process group has TCP sockets in its event loop, which this release refuses to save."""
    seen = table.Row(hazard, "", case.run(hazard, probe=PROBE, python=str(environment.python())))
    assert (seen.agreement, seen.result.outcome) == ("yes", outcome)


def test_a_file_that_was_never_there_is_not_named() -> None:
    """The list of conditions is not simply everything."""
    seen = row("file_in_tmp")
    assert seen.result.state is not None
    named = table.conditions_of(seen.result.state)
    assert not [path for path in named if path.startswith(("/tmp/", "/mnt/"))]
    assert [path for path in named if "libc.so" in path]


def test_killed_in_the_middle_nothing_is_left() -> None:
    """A room ends with its test: no process, no mount, no file, though SIGKILL gives nobody time to clean up."""
    program = f"import sys; sys.path.insert(0, {str(HERE.parent)!r}); from checkpoint import sandbox; sandbox.in_room({room()!r}, 60)"
    before = state_of_machine()
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.DEVNULL) as caller:
        inside = waited_for_sandboxes(caller.pid)
        caller.kill()
    for pid in inside:
        wait_for_end(pid)
    assert state_of_machine() == before


def room() -> list[str]:
    """A command for a room: a sandbox that lives until it is ended."""
    return [
        "env",
        f"PYTHONPATH={HERE.parent}",
        sys.executable,
        "-c",
        "from checkpoint.sandbox import Sandbox; import signal\nSandbox(['/bin/sleep', '600'], [], {}).start(); signal.pause()",
    ]


def state_of_machine() -> tuple[str, list[str]]:
    """Mounts, and the files where rooms keep theirs."""
    return Path("/proc/mounts").read_text(), sorted(os.listdir(sandbox.ROOM))


def below(pid: int) -> list[int]:
    """Everybody whom a process has started, and they in turn."""
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def waited_for_sandboxes(pid: int) -> list[int]:
    """The processes of a room as soon as gVisor runs in it."""
    while True:
        found = below(pid)
        if any(is_sandbox(one) for one in found):
            return found


def is_sandbox(pid: int) -> bool:
    try:
        return re.search(rb"runsc-sandbox|\0boot\0", Path(f"/proc/{pid}/cmdline").read_bytes()) is not None
    except OSError:
        return False


def wait_for_end(pid: int) -> None:
    """Return once a process has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 30)[0], f"process {pid} outlives its test"
    finally:
        os.close(descriptor)
