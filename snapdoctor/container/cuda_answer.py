"""Whether CUDA answers in this very process: a few bytes to the GPU and back, through a context that the process already has."""

from __future__ import annotations

import ctypes
import os

from snapdoctor.container import procfs
from snapdoctor.container.bounded import Asking, Unanswered
from snapdoctor.container.gpu import DRIVER

SECONDS = 20.0
PATTERN = 0x5A
ANSWERS, NOT_USED = "answers", "not used"


class _Refused(Exception):
    """A CUDA call that failed; the text is the call and the driver's name of the error."""


def cuda_answer(seconds: float = SECONDS) -> str:
    """`answers`; `not used` in a process without a context; else what went wrong. Never makes a context."""
    if b"libcuda.so" not in procfs.read(os.getpid(), "maps"):
        return NOT_USED
    asking = Asking(seconds, seconds)
    try:
        return asking.ask(_round_trip)
    except Unanswered as error:
        return f"the GPU gave {error}"
    except _Refused as error:
        return str(error)
    finally:
        asking.close()


def _round_trip() -> str:
    driver = ctypes.CDLL(DRIVER, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    count = ctypes.c_int()
    if driver.cuDeviceGetCount(ctypes.byref(count)):
        return NOT_USED
    active = [number for number in range(count.value) if _has_context(driver, number)]
    for number in active:
        _through(driver, number)
    return ANSWERS if active else NOT_USED


def _has_context(driver: ctypes.CDLL, number: int) -> bool:
    flags, active = ctypes.c_uint(), ctypes.c_int()
    return driver.cuDevicePrimaryCtxGetState(number, ctypes.byref(flags), ctypes.byref(active)) == 0 and active.value == 1


def _through(driver: ctypes.CDLL, number: int) -> None:
    context, memory, back = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.create_string_buffer(4)
    _call(driver, "cuDevicePrimaryCtxRetain", ctypes.byref(context), number)
    try:
        _call(driver, "cuCtxPushCurrent_v2", context)
        _call(driver, "cuMemAlloc_v2", ctypes.byref(memory), ctypes.c_size_t(len(back)))
        _call(driver, "cuMemsetD8_v2", memory, ctypes.c_ubyte(PATTERN), ctypes.c_size_t(len(back)))
        _call(driver, "cuMemcpyDtoH_v2", back, memory, ctypes.c_size_t(len(back)))
        _call(driver, "cuMemFree_v2", memory)
        if back.raw != bytes([PATTERN]) * len(back):
            raise _Refused(f"device {number} gave back other bytes than were written to it")
    finally:
        driver.cuCtxPopCurrent_v2(ctypes.byref(context))
        driver.cuDevicePrimaryCtxRelease_v2(number)


def _call(driver: ctypes.CDLL, name: str, *arguments: object) -> None:
    result = getattr(driver, name)(*arguments)
    if result:
        text = ctypes.c_char_p()
        driver.cuGetErrorName(result, ctypes.byref(text))
        raise _Refused(f"{name} answered {text.value.decode() if text.value else result}")
