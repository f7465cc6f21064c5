"""Look at a process tree from a child process, and never wait for one that is stuck.

The child opens what there is to open (NVML, files on mounts that may hang), so that nothing of it stays here. A read that hangs in the kernel
can be unkillable (a FUSE server or a network mount that is gone): then the child is left behind, and what it saw of everything else counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any, NamedTuple

SECONDS = 30.0
"""When a look that gives no answer is given up; it takes well under a second."""
STEP = 0.005
LEAVING = 2.0
"""How long a child that has answered may take to end before it is left behind."""
CHUNK = 1 << 16
CHILD = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from snapdoctor.looking_child import main; main(sys.argv[2:])"


ITSELF = "itself"
"""In the place of a pid: the child's own."""


class LookFailed(Exception):
    """The look itself could not be done; the text says why. It says nothing about the app."""


class Look(NamedTuple):
    """A child that looks."""

    process: subprocess.Popen[bytes]
    answer: int
    """Our end of its output; reading it does not wait."""
    said: list[bytes]
    deadline: float


def command(what: str, *arguments: str) -> list[str]:
    """The child's command line: it gets our search path, so that it finds this very package."""
    return [sys.executable, "-I", "-c", CHILD, json.dumps([str(path) for path in sys.path]), what, *arguments]


def start(what: str, *arguments: str) -> Look:
    """Start a child, which gets no descriptor of ours; raises `LookFailed`."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    try:
        process = subprocess.Popen(
            command(what, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        os.close(ours)
        raise LookFailed(f"{sys.executable} could not be started to look: {error.strerror}") from error
    finally:
        os.close(theirs)
    return Look(process, ours, [], time.monotonic() + SECONDS)


def is_done(look: Look) -> bool:
    """Whether the child has answered, has ended, or has used up its time; takes what it has said so far."""
    ended = look.process.poll() is not None
    try:
        while chunk := os.read(look.answer, CHUNK):
            look.said.append(chunk)
    except BlockingIOError:
        pass
    return ended or _is_whole(look) or time.monotonic() > look.deadline


def finish(look: Look) -> dict[str, Any]:
    """The child's answer; raises `LookFailed`. A child that does not end is left behind."""
    os.close(look.answer)
    if not _is_whole(look):
        look.process.kill()
    try:
        look.process.wait(LEAVING)
    except subprocess.TimeoutExpired:
        look.process.kill()
    said = b"".join(look.said).decode("utf-8", "replace")
    if not _is_whole(look):
        last = said.strip().splitlines()[-1:] or [f"no answer came within {SECONDS:.0f} s"]
        raise LookFailed(last[0])
    return answer(said)


def answer(said: str) -> dict[str, Any]:
    """What a child printed, as data; raises `LookFailed` where it says that it could not look."""
    found: dict[str, Any] = json.loads(said)
    if "failed" in found:
        raise LookFailed(found["failed"])
    return found


def look(what: str, *arguments: str) -> dict[str, Any]:
    """Start a child and wait for its answer; raises `LookFailed`."""
    started = start(what, *arguments)
    while not is_done(started):
        time.sleep(STEP)
    return finish(started)


def _is_whole(look: Look) -> bool:
    """An answer is one line of JSON."""
    return bool(look.said) and look.said[-1].endswith(b"}\n")
