"""Suspend a process tree's CUDA state and bring it back, watched from both sides: whichever process dies, the other brings the tree back."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from snapdoctor.container import gpu, procfs, tree
from snapdoctor.container.runtime import is_gvisor
from snapdoctor.rehearsal.cuda import RESTORE, Driver, NoDriver, Step
from snapdoctor.rehearsal.model import Checkpoint, Suspended

if TYPE_CHECKING:
    from types import TracebackType

    from snapdoctor.container.model import ContainerState


class Suspending:
    """A worker that holds a tree; leaving the block always brings the tree back."""

    def __init__(self, state: ContainerState) -> None:
        self.commands = {process.pid: " ".join(process.command) or process.name for process in state.processes}
        self.pids: list[int] = []
        self.skipped = ""
        self._worker: subprocess.Popen[str] | None = None
        self._steps: list[Step] = []
        self._memory: dict[int, int] = {}
        self._gained: dict[int, int | None] = {}
        self._used: list[int | None] = []

    def __enter__(self) -> Suspending:
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "snapdoctor.rehearsal.cuda_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        said = self._hear()
        if "failed" in said:
            self.skipped = said["failed"]
            return self
        self.pids = self._ask("holders", list(self.commands))["pids"]
        if not self.pids:
            self.skipped = "no process of the tree holds CUDA state"
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        worker = self._worker
        if worker is None:
            return
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.close()
        worker.wait()
        worker.stdout.close()
        if worker.returncode != 0:
            self._undo()

    def suspend(self) -> bool:
        """Lock and checkpoint the tree; whether all of it is suspended now."""
        self._used.append(used())
        self._memory = {pid: resident(pid) for pid in self.pids}
        self._steps += self._taken("suspend")
        self._gained = {pid: resident(pid) - self._memory[pid] for pid in self.pids}
        self._used.append(used())
        return not any(step.error for step in self._steps)

    def resume(self) -> None:
        """Restore and unlock the tree."""
        self._steps += self._taken("resume")
        self._used.append(used())

    def checkpoint(self) -> Checkpoint:
        """What happened."""
        seen = [*self._used, None, None, None]
        last = {step.pid: step for step in self._steps}
        for step in self._steps:
            if step.error:
                last[step.pid] = step
        went = sum(step.seconds for step in self._steps if step.step in ("lock", "checkpoint"))
        back = sum(step.seconds for step in self._steps if step.step in (RESTORE, "unlock"))
        processes = tuple(
            Suspended(pid, self.commands[pid], step.step, step.error, _seconds(self._steps, pid), self._gained.get(pid))
            for pid, step in last.items()
        )
        return Checkpoint(driver_version(), processes, seen[0], seen[1], seen[2], went, back, self.skipped)

    def _taken(self, what: str) -> list[Step]:
        try:
            return [Step(*step) for step in self._ask(what, self.pids)["steps"]]
        except (BrokenPipeError, ValueError):
            self._undo()
            return [Step(pid, what, "the worker ended", 0.0) for pid in self.pids]

    def _undo(self) -> None:
        """The worker is gone: do what it would have done."""
        try:
            Driver().undo(self.pids)
        except NoDriver:
            return

    def _ask(self, what: str, pids: list[int]) -> dict[str, Any]:
        assert self._worker is not None
        assert self._worker.stdin is not None
        self._worker.stdin.write(json.dumps({"do": what, "pids": pids}) + "\n")
        self._worker.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._worker is not None
        assert self._worker.stdout is not None
        said: dict[str, Any] = json.loads(self._worker.stdout.readline())
        return said


def there_and_back(state: ContainerState) -> Checkpoint:
    """Suspend the CUDA state of every process of a tree, and bring it back."""
    with Suspending(state) as suspending:
        if not suspending.skipped and suspending.suspend():
            suspending.resume()
        return suspending.checkpoint()


def _seconds(steps: list[Step], pid: int) -> float:
    return sum(step.seconds for step in steps if step.pid == pid)


def used() -> int | None:
    """GPU memory in use on this machine, bytes; None where NVML does not tell."""
    if not gpu.is_here():
        return None
    return sum(one.used for one in gpu.devices(is_gvisor()).gpus)


def driver_version() -> str:
    """NVIDIA's driver; empty where NVML does not tell."""
    return gpu.devices(is_gvisor()).driver if gpu.is_here() else ""


def resident(pid: int) -> int:
    """Memory of a process, bytes; 0 when it has ended."""
    try:
        return tree.kibibytes(tree.status(procfs.read(pid, "status")), "VmRSS") or 0
    except (procfs.Gone, procfs.Unseen):
        return 0
