"""Start a real server, wait until it is ready, end it whatever happens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEADLINE = 120.0
"""Seconds after which a condition that has not come true is a failure; two busy cores need a tenth of that."""


class Server(NamedTuple):
    """A running server."""

    pid: int
    port: int
    log: Path
    """Its standard output and error."""

    def get(self, path: str) -> int:
        """The HTTP status of a GET."""
        return _status(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))[0]

    def post(self, path: str, body: object) -> dict[str, object]:
        """The JSON answer to a POST of JSON; raises AssertionError, with the answer, when it is no success."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        status, answer = _status(request)
        assert status == 200, (status, answer)
        return json.loads(answer)


@contextmanager
def running(
    *command: str | Path, environment: Mapping[str, str] | None = None, health: str | None = "/health", wait: bool = True
) -> Iterator[Server]:
    """Run a server with `--host 127.0.0.1 --port FREE` added; yield when `health` answers 200, or at once with `wait=False`.

    Ends it, and every process of its group, on the way out. Raises RuntimeError, with the end of its output, when it exits before it is ready.
    """
    port = free_port()
    words = [*map(str, command), "--host", "127.0.0.1", "--port", str(port)]
    with tempfile.NamedTemporaryFile(prefix="server-", suffix=".log") as output:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})}, start_new_session=True,
        )  # fmt: skip
        server = Server(process.pid, port, Path(output.name))
        try:
            if wait and health is not None:
                until(lambda: _ready(process, server, health), f"{health} of {words[0]} to answer 200")
            yield server
        finally:
            _end(process)


def until(condition: Callable[[], object], what: str) -> None:
    """Poll `condition` until it holds; raises TimeoutError, naming `what`, after `DEADLINE`."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE:.0f} s in vain for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(process: subprocess.Popen[bytes], server: Server, health: str) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"exited with status {process.returncode}:\n{server.log.read_text(errors='replace')[-4000:]}")
    return server.get(health) == 200


def _status(request: urllib.request.Request) -> tuple[int, str]:
    """Status and body; 0 where nothing listens."""
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


def _end(process: subprocess.Popen[bytes]) -> None:
    for signal in (15, 9):
        try:
            os.killpg(process.pid, signal)
        except ProcessLookupError:
            break
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
