"""Real processes for the probe to look at: a program says READY when it holds what it should, and lives until its input ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WAIT = "\nprint('READY', flush=True)\nsys.stdin.read()\n"


class Running(NamedTuple):
    """A program that holds what it should."""

    pid: int
    said: tuple[str, ...]
    """The lines it printed before READY."""
    process: subprocess.Popen[str]

    def tell(self, word: str) -> str:
        """Send a line, and take the next line of its output."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextlib.contextmanager
def running(
    code: str, *arguments: str, python: str = sys.executable, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[Running]:
    """Run Python code that ends by waiting for its input to end; its whole process group is ended afterwards."""
    program = "import os, sys\n" + textwrap.dedent(code) + ("" if 'print("READY"' in code else WAIT)
    process = subprocess.Popen(
        [python, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            if line.startswith("READY"):
                break
            said.append(line.rstrip("\n"))
        else:
            told = process.stderr.read() if process.stderr is not None else ""
            raise AssertionError(f"the program ended before it was ready: {said} {told}")
        yield Running(process.pid, tuple(said), process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
