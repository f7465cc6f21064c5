"""Which kernel runs the container: Linux, or gVisor and of what time."""

from __future__ import annotations

import os

from snapdoctor.container import procfs
from snapdoctor.container.model import Runtime
from snapdoctor.container.runtimes import OLDEST, SIGNS


def runtime(driver: str) -> Runtime:
    """What can be told of the runtime from inside; `driver` is NVIDIA's version as NVML says it, empty when it does not."""
    seen = is_gvisor()
    uname = os.uname()
    return Runtime(
        kind="gvisor" if seen else "linux",
        kernel=uname.release,
        generation=generation() if seen else "",
        driver=driver or _driver(),
        machine=uname.machine,
    )


def is_gvisor() -> bool:
    """gVisor shows files in `/proc` that Linux has not (checked on releases of 2022-12, 2025-12 and 2026-08)."""
    return os.path.exists("/proc/sentry-meminfo") or os.path.isdir("/proc/gvisor")


def generation() -> str:
    """The month since which gVisor has looked like this (`runtimes.SIGNS`)."""
    return next((month for month, path in SIGNS if os.path.exists(path)), OLDEST)


def _driver() -> str:
    """`NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05 ...`, or the open module's line."""
    try:
        text = procfs.whole("/proc/driver/nvidia/version").decode("utf-8", "replace")
    except (procfs.Gone, procfs.Unseen):
        return ""
    for word in text.split():
        if word[:3].isdigit() and word[3:4] == ".":
            return word
    return ""
