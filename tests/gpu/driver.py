"""The driver's own checkpoint of a whole process tree, to hold the probe's verdicts against."""

from __future__ import annotations

import ctypes
import time
from typing import NamedTuple

import pynvml

SUCCESS, NOT_INITIALISED = 0, 3


class Outcome(NamedTuple):
    """What happened."""

    checkpoint: str
    """`ok`, or the driver's error with the process it named."""
    seconds: float
    left: int
    """MiB of GPU memory in use while checkpointed."""
    restore: str
    right: bool
    """The program's results are right afterwards."""


class Driver:
    """libcuda, without initialising CUDA here."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libcuda.so.1")

    def error(self, result: int) -> str:
        """The driver's name of an error."""
        name = ctypes.c_char_p()
        self.library.cuGetErrorName(result, ctypes.byref(name))
        return name.value.decode() if name.value else str(result)

    def holds_cuda(self, pid: int) -> bool:
        """Whether the driver knows CUDA state of this process."""
        state = ctypes.c_int()
        return self.library.cuCheckpointProcessGetState(pid, ctypes.byref(state)) == SUCCESS

    def step(self, name: str, pids: list[int]) -> str:
        """One step for every process, as gVisor does; stops at the first that fails."""
        for pid in pids:
            result = getattr(self.library, f"cuCheckpointProcess{name}")(pid, None)
            if result:
                return f"{self.error(result)} for {pid}"
        return "ok"


def checkpoint(driver: Driver, pids: list[int], is_right: object) -> Outcome:
    """Lock, checkpoint, restore and unlock every process of a tree that holds CUDA state."""
    assert callable(is_right)
    began = time.monotonic()
    held = driver.step("Lock", pids)
    if held == "ok":
        held = driver.step("Checkpoint", pids)
    seconds, left = time.monotonic() - began, used()
    restored = driver.step("Restore", pids) if held == "ok" else "not tried"
    for pid in pids:
        driver.library.cuCheckpointProcessUnlock(pid, None)
    return Outcome(held, seconds, left, restored, is_right())


def used() -> int:
    """MiB of GPU memory in use on all GPUs."""
    pynvml.nvmlInit()
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(pynvml.nvmlDeviceGetCount())]
        return sum(int(pynvml.nvmlDeviceGetMemoryInfo(handle).used) for handle in handles) >> 20
    finally:
        pynvml.nvmlShutdown()
