"""Suspending a process tree through the driver's interface, with a driver that only keeps states (`fake_libcuda.c`).

What the real driver does with real GPU programs stands in `tests/gpu/rehearse.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

RUNNING, LOCKED, CHECKPOINTED = "0", "1", "2"
SECONDS = 20.0
PARENT = "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print(child.pid, flush=True); time.sleep(600)"

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="the driver that stands in is compiled with cc")


class Tree(NamedTuple):
    """A parent and a child that hold CUDA state, as far as the driver that stands in knows."""

    folder: Path
    parent: int
    child: int

    def state(self, pid: int) -> str:
        """The driver's state of a process."""
        return (self.folder / str(pid)).read_text()

    def fail(self, step: str, pid: int, error: int) -> None:
        """Let a step of a process fail."""
        (self.folder / f"fail.{step}.{pid}").write_text(str(error))

    def steps(self) -> list[tuple[str, int]]:
        """What the driver was asked to do."""
        lines = (self.folder / "log").read_text().splitlines() if (self.folder / "log").exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def command(self) -> list[str]:
        """The command that suspends it in place."""
        return [sys.executable, "-m", "snapdoctor", "rehearse", "--pid", str(self.parent), "--format", "json"]

    def all_running(self) -> bool:
        """Whether both come back to running within the time."""
        until = time.monotonic() + SECONDS
        while (states := {self.state(self.parent), self.state(self.child)}) != {RUNNING} and time.monotonic() < until:
            time.sleep(0.01)
        return states == {RUNNING}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the driver that stands in."""
    folder = tmp_path_factory.mktemp("driver")
    source = Path(__file__).with_name("fake_libcuda.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(folder / "libcuda.so.1"), str(source)], check=True)
    return folder


@pytest.fixture
def tree(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    """A running tree, and an environment in which commands find the driver that stands in."""
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library))
    monkeypatch.setenv("FAKE_CUDA", str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    made = Tree(tmp_path, process.pid, int(process.stdout.readline()))
    for pid in (made.parent, made.child):
        (tmp_path / str(pid)).write_text(RUNNING)
    yield made
    os.kill(made.child, signal.SIGKILL)
    process.kill()
    process.wait()
    process.stdout.close()


def done(tree: Tree) -> tuple[int, dict[str, list[dict[str, object]]]]:
    """Exit code and report of a command that ran to its end."""
    ran = subprocess.run(tree.command(), capture_output=True, text=True, check=False)
    return ran.returncode, json.loads(ran.stdout)


def test_the_whole_tree_is_locked_then_checkpointed_then_brought_back(tree: Tree) -> None:
    (tree.folder / str(os.getpid())).write_text(RUNNING)  # a CUDA process that is not of the tree
    code, report = done(tree)
    assert (code, report["findings"]) == (0, [])
    assert [name for name, _ in tree.steps()] == ["lock", "lock", "checkpoint", "checkpoint", "restore", "restore", "unlock", "unlock"]
    assert {pid for _, pid in tree.steps()} == {tree.parent, tree.child}
    assert tree.all_running()


@pytest.mark.parametrize("step", ["lock", "checkpoint"])
def test_a_failure_names_process_and_cause_and_everything_is_undone(tree: Tree, step: str) -> None:
    tree.fail(step, tree.child, 801)
    code, report = done(tree)
    assert code == 1
    finding = report["findings"][0]
    assert "CUDA_ERROR_NOT_SUPPORTED" in str(finding["message"])
    assert f"the {step} of pid {tree.child}" in str(finding["message"])
    assert tree.all_running()


def test_a_failed_restore_does_not_keep_the_others_down(tree: Tree) -> None:
    tree.fail("restore", tree.parent, 999)
    code, report = done(tree)
    assert code == 1
    assert f"the restore of pid {tree.parent}" in str(report["findings"][0]["message"])
    assert tree.state(tree.child) == RUNNING


def _killed_in(tree: Tree, step: str, number: signal.Signals, whom: str) -> None:
    (tree.folder / f"slow.{step}").touch()
    process = subprocess.Popen(tree.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + SECONDS
    while step not in [name for name, _ in tree.steps()]:
        assert time.monotonic() < until
        time.sleep(0.005)
    victim = process.pid
    if whom == "worker":
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        victim = next(int(pid) for pid in children if b"cuda_worker" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(victim, number)
    process.wait(timeout=SECONDS)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("step", ["lock", "checkpoint", "restore", "unlock"])
def test_killed_in_any_step_the_tree_is_brought_back(tree: Tree, step: str, number: signal.Signals) -> None:
    _killed_in(tree, step, number, "command")
    assert tree.all_running()


@pytest.mark.parametrize("step", ["lock", "checkpoint", "restore", "unlock"])
def test_with_its_worker_killed_the_command_brings_the_tree_back(tree: Tree, step: str) -> None:
    _killed_in(tree, step, signal.SIGKILL, "worker")
    assert tree.all_running()


def test_without_a_driver_it_says_so(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    ran = subprocess.run([*tree.command()[:-2]], capture_output=True, text=True, check=False)
    assert "libcuda.so.1" in ran.stdout
    assert tree.steps() == []
