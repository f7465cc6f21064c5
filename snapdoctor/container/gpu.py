"""The GPU: the driver's checkpoint state of each process, and NVML's totals. Nothing here initialises CUDA.

Measured on an H200 with driver 580.159: `cuCheckpointProcessGetState` needs no `cuInit` in the caller and takes 0.03 to 0.5 ms; it succeeds for a
process that has initialised CUDA or NVML, and answers CUDA_ERROR_NOT_INITIALIZED for one that has not, a forked child included.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from typing import NamedTuple

from snapdoctor.container.model import CHECKPOINTED, FAILED, LOCKED, RUNNING, UNINITIALISED, Gpu

DRIVER = "libcuda.so.1"
SUCCESS, NOT_INITIALISED = 0, 3
# CUprocessState; 4 and 5 are of newer headers: on the way to 2, and on the way back.
STATES = {0: RUNNING, 1: LOCKED, 2: CHECKPOINTED, 3: FAILED, 4: "checkpointing", 5: "restoring"}
RESTORE_THREAD = re.compile(r"^cuda[0-9a-f]{11}$")
DEVICE = re.compile(r"^/dev/(nvidia|dri/|dxg)")
# include/linux/proc_ns.h: the inode of the first pid namespace, where the driver's process ids mean what ours do.
FIRST_NAMESPACE = "pid:[4026531836]"


class Devices(NamedTuple):
    """What NVML tells of the whole machine."""

    driver: str
    gpus: tuple[Gpu, ...]
    memory: dict[int, int]
    """GPU memory by process; empty where process ids cannot be trusted."""
    why: str
    """Why there is nothing; empty when there is."""


StateReader = Callable[[int], "str | None"]
NOTHING = Devices("", (), {}, "")


def is_here() -> bool:
    """Whether this machine shows an NVIDIA GPU at all."""
    return os.path.exists("/dev/nvidiactl")


def is_device(path: str) -> bool:
    """Whether a path is a device file of a GPU."""
    return DEVICE.match(path) is not None


def state_reader() -> tuple[StateReader | None, str]:
    """A function from a process to the driver's word for it, or None and why there is none."""
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        return None, f"{DRIVER} cannot be loaded here, so the driver could not be asked which processes hold CUDA state"
    ask = getattr(driver, "cuCheckpointProcessGetState", None)
    if ask is None:
        return None, "this driver has no checkpoint interface (it came with 570)"

    def state(pid: int) -> str | None:
        value = ctypes.c_int(-1)
        result = ask(ctypes.c_int(pid), ctypes.byref(value))
        if result == SUCCESS:
            return STATES.get(value.value)
        return UNINITIALISED if result == NOT_INITIALISED else None

    return state, ""


def has_restore_thread(names: list[str]) -> bool:
    """Whether one of a process's threads is the one that the driver starts with a context."""
    return any(RESTORE_THREAD.match(name) for name in names)


def devices(gvisor: bool) -> Devices:
    """Totals of every GPU, and memory by process where the ids are ours. NVML opens devices in this process and closes them again."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return Devices("", (), {}, f"NVML does not answer ({error})")
    try:
        count = pynvml.nvmlDeviceGetCount()
        gpus: list[Gpu] = []
        memory: dict[int, int] = {}
        trusted = not gvisor and ids_are_the_drivers()
        for index in range(count):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            gpus.append(_gpu(index, handle))
            if trusted:
                memory.update(_by_process(handle, memory))
        return Devices(_text(pynvml.nvmlSystemGetDriverVersion()), tuple(gpus), memory, "")
    except pynvml.NVMLError as error:
        return Devices("", (), {}, f"NVML stopped answering ({error})")
    finally:
        pynvml.nvmlShutdown()


def ids_are_the_drivers() -> bool:
    """Whether process ids here are those of the machine's first namespace, which are the only ones that the driver knows."""
    try:
        return os.readlink("/proc/self/ns/pid") == FIRST_NAMESPACE
    except OSError:
        return False


def _gpu(index: int, handle: object) -> Gpu:
    import pynvml

    held = pynvml.nvmlDeviceGetMemoryInfo(handle)
    try:
        partitioned = pynvml.nvmlDeviceGetMigMode(handle)[0] == pynvml.NVML_DEVICE_MIG_ENABLE
    except pynvml.NVMLError:
        partitioned = False
    return Gpu(index, _text(pynvml.nvmlDeviceGetName(handle)), _text(pynvml.nvmlDeviceGetUUID(handle)), held.total, held.used, partitioned)


def _by_process(handle: object, before: dict[int, int]) -> dict[int, int]:
    import pynvml

    found = {}
    for one in pynvml.nvmlDeviceGetComputeRunningProcesses(handle):
        if one.usedGpuMemory is not None:
            found[one.pid] = before.get(one.pid, 0) + one.usedGpuMemory
    return found


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
