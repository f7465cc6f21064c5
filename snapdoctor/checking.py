"""`snapdoctor.check()` and `snapdoctor.restored()`: the doctor called from a hook of the app itself.

Both look from a child process, so that nothing is opened, started or loaded in the process that will be captured: no NVML, no GPU device, no
thread.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor import looking
from snapdoctor.finding import Finding, Severity
from snapdoctor.looking import LookFailed
from snapdoctor.typed_json import typed

if TYPE_CHECKING:
    from snapdoctor.container.compare import Difference


class SnapshotHazard(Exception):
    """A hazard was found before the capture; `findings` holds everything that was seen."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        worst = [finding for finding in findings if finding.severity is Severity.ERROR] or list(findings)
        super().__init__("; ".join(f"{finding.rule} {finding.name}: {finding.message}" for finding in worst))


class Restored(NamedTuple):
    """What `restored()` saw."""

    restored: bool | None
    """True: this container came from a snapshot that another one made; False: it made the snapshot, or none was made; None: cannot be told."""
    cuda: str
    """`answers`, `not used`, or what CUDA answered instead."""
    differences: tuple[Difference, ...]
    """What is not as it was when `check()` looked; empty when nothing differs, or when `check()` was not called."""


def check(raise_on: str = "error", show: bool = True) -> tuple[Finding, ...]:
    """Look at this container (outside Modal: at this process and its children) just before the capture, and print what was found.

    Call it at the end of the last `@modal.enter(snap=True)` hook. Raises `SnapshotHazard` when a finding is at least as severe as `raise_on`
    (`error`, `warning`, `advice` or `never`), `ValueError` for another word, and `LookFailed` when nothing could be looked at.
    """
    threshold = _threshold(raise_on)
    return _judged(looking.look("check", str(os.getpid()), saved_state()), threshold, show)


async def check_async(raise_on: str = "error", show: bool = True) -> tuple[Finding, ...]:
    """`check()` for an `async` hook: the event loop runs on meanwhile."""
    threshold = _threshold(raise_on)
    return _judged(await _look_async("check"), threshold, show)


def restored(show: bool = True) -> Restored:
    """Say whether this container was really restored, whether CUDA answers, and what differs from what `check()` saw before the capture.

    Call it first in an `@modal.enter(snap=False)` hook. Raises `LookFailed` when nothing could be looked at.
    """
    return _compared(looking.look("restored", str(os.getpid()), saved_state()), show)


async def restored_async(show: bool = True) -> Restored:
    """`restored()` for an `async` hook."""
    return _compared(await _look_async("restored"), show)


def saved_state() -> str:
    """Where `check()` leaves the state that `restored()` compares with; the file is part of the capture."""
    return os.path.join(os.environ.get("TMPDIR") or "/tmp", f"snapdoctor-state-{os.getpid()}.json")


async def _look_async(what: str) -> dict[str, Any]:
    import asyncio

    look = looking.start(what, str(os.getpid()), saved_state())
    while not looking.is_done(look):
        await asyncio.sleep(looking.STEP)
    return looking.finish(look)


def _threshold(word: str) -> Severity | None:
    words = {"error": Severity.ERROR, "warning": Severity.WARNING, "advice": Severity.ADVICE, "never": None}
    if word not in words:
        raise ValueError(f"raise_on must be one of {', '.join(words)}, not {word!r}")
    return words[word]


def _judged(data: dict[str, Any], threshold: Severity | None, show: bool) -> tuple[Finding, ...]:
    found: tuple[Finding, ...] = typed(tuple[Finding, ...], data["findings"])
    if show:
        print(data["report"], flush=True)
    if threshold is not None and any(finding.severity >= threshold for finding in found):
        raise SnapshotHazard(found)
    return found


def _compared(data: dict[str, Any], show: bool) -> Restored:
    from snapdoctor.container.compare import Difference
    from snapdoctor.container.cuda_answer import cuda_answer

    differing: tuple[Difference, ...] = typed(tuple[Difference, ...], data["differences"])
    found = Restored(data["restored"], cuda_answer(), differing)
    if show:
        print("\n".join(_told(found, data["compared"])), flush=True)
    return found


def _told(found: Restored, compared: bool) -> list[str]:
    words = {
        True: "restored from a snapshot",
        False: "not restored: it started without a snapshot, or made it",
        None: "not known to be restored",
    }
    lines = [f"snapdoctor: this container is {words[found.restored]}; CUDA: {found.cuda}."]
    if not compared:
        return [*lines, "snapdoctor: check() left no state before the capture, so nothing could be compared."]
    lines += [f"snapdoctor: {one.message}" for one in found.differences]
    return lines if found.differences else [*lines, "snapdoctor: processes, sockets, files and GPU state are as they were at the capture."]


__all__ = ["LookFailed", "Restored", "SnapshotHazard", "check", "check_async", "restored", "restored_async"]
