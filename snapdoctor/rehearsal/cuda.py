"""Real CUDA checkpoints through the driver, for processes that are named one by one; no other process is ever touched.

The driver's steps are per process: lock, checkpoint, restore, unlock (facts: driver 570 and newer). As gVisor does it, every process of a tree is
locked before any is checkpointed. Whatever fails is undone: a process that was checkpointed is restored, one that was locked is unlocked.
"""

from __future__ import annotations

import ctypes
import time
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.gpu import DRIVER, NOT_INITIALISED, STATES, SUCCESS
from snapdoctor.container.model import CHECKPOINTED, LOCKED, RUNNING, UNINITIALISED

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK, CHECKPOINT, RESTORE, UNLOCK = "lock", "checkpoint", "restore", "unlock"
CALLS = {LOCK: "Lock", CHECKPOINT: "Checkpoint", RESTORE: "Restore", UNLOCK: "Unlock"}
LOCK_MILLISECONDS = 10_000


class NoDriver(Exception):
    """There is no driver here that can checkpoint; the text says what is missing."""


class Step(NamedTuple):
    """One step of one process."""

    pid: int
    step: str
    error: str
    """The driver's name for what went wrong; empty: nothing."""
    seconds: float


class _LockArguments(ctypes.Structure):
    """CUcheckpointLockArgs: a limit in milliseconds, and what is reserved (CUDA driver API, CUDA_CHECKPOINT)."""

    _fields_ = (("timeoutMs", ctypes.c_uint), ("reserved0", ctypes.c_uint), ("reserved1", ctypes.c_uint64 * 7))


class Driver:
    """libcuda's checkpoint interface; raises `NoDriver` where there is none. CUDA is not initialised here."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(DRIVER)
        except OSError:
            raise NoDriver(f"{DRIVER} cannot be loaded: there is no NVIDIA driver here") from None
        if not hasattr(self._library, "cuCheckpointProcessLock"):
            raise NoDriver("this NVIDIA driver has no checkpoint interface: it came with driver 570")

    def state(self, pid: int) -> str | None:
        """The driver's word for a process: `running`, `locked`, `checkpointed`, `failed` or `not initialised`; None when it does not say."""
        value = ctypes.c_int(-1)
        result = self._library.cuCheckpointProcessGetState(ctypes.c_int(pid), ctypes.byref(value))
        if result == SUCCESS:
            return STATES.get(value.value)
        return UNINITIALISED if result == NOT_INITIALISED else None

    def step(self, name: str, pid: int) -> Step:
        """Take one step with one process, and wait for it."""
        began = time.monotonic()
        arguments = ctypes.byref(_LockArguments(LOCK_MILLISECONDS)) if name == LOCK else None
        result = getattr(self._library, f"cuCheckpointProcess{CALLS[name]}")(ctypes.c_int(pid), arguments)
        return Step(pid, name, self._name(result) if result else "", time.monotonic() - began)

    def holders(self, pids: Iterable[int]) -> list[int]:
        """Those of these processes that have running CUDA state."""
        return [pid for pid in pids if self.state(pid) == RUNNING]

    def undo(self, pids: Iterable[int]) -> list[Step]:
        """Bring every process back to running, from wherever it is."""
        taken = []
        for pid in pids:
            if self.state(pid) == CHECKPOINTED:
                taken.append(self.step(RESTORE, pid))
            if self.state(pid) == LOCKED:
                taken.append(self.step(UNLOCK, pid))
        return taken

    def _name(self, result: int) -> str:
        text = ctypes.c_char_p()
        self._library.cuGetErrorName(result, ctypes.byref(text))
        return text.value.decode() if text.value else f"error {result}"


def suspend(driver: Driver, pids: list[int]) -> list[Step]:
    """Lock every process, then checkpoint every process; when one step fails, everything is undone. The last step tells which it was."""
    taken: list[Step] = []
    for name in (LOCK, CHECKPOINT):
        for pid in pids:
            taken.append(driver.step(name, pid))
            if taken[-1].error:
                driver.undo(pids)
                return taken
    return taken


def resume(driver: Driver, pids: list[int]) -> list[Step]:
    """Restore and unlock every process; a failure does not keep the others from being brought back."""
    taken = [driver.step(RESTORE, pid) for pid in pids]
    failed = {step.pid for step in taken if step.error}
    return [*taken, *(driver.step(UNLOCK, pid) for pid in pids if pid not in failed)]
