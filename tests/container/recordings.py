"""The states in `rules/*/states/`, recorded from real processes: `PYTHONPATH=tests python -m container.recordings [NAME ...]`.

Needs root (for a mount of its own, and a pid namespace) and the engines of `tests/engines`. What needs a GPU is recorded by `tests/gpu/probe.py`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engines import cache, environment, llama_cpp, model_files
from engines.server import Server, free_port, until

from container.programs import running
from container.record import neutral, small
from snapdoctor.container.document import to_json
from snapdoctor.container.reader import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


class Recording(NamedTuple):
    """One state, and the program that is in it."""

    rule: str
    """The rule's folder."""
    name: str
    """Begins with `shows-` or `clean-`."""
    program: Callable[[Path], AbstractContextManager[int]]
    """From an empty folder to the process at the top of the tree."""
    privileged: bool = False
    """It needs root."""


def python(code: str, *arguments: str, engines: bool = False, **variables: str) -> Callable[[Path], AbstractContextManager[int]]:
    """A Python program; an argument may be the word for its empty folder or for one of the model files."""

    @contextlib.contextmanager
    def program(folder: Path) -> Iterator[int]:
        words = [str(PLACES[word](folder)) for word in arguments]
        interpreter = str(environment.python()) if engines else sys.executable
        with running(code, *words, python=interpreter, environment=variables, folder=folder) as one:
            yield one.pid

    return program


@contextlib.contextmanager
def started(*words: str | Path, ready: bool = True, **variables: str) -> Iterator[Server]:
    """A llama-server of our own port, ready or just begun."""
    port = free_port()
    command = [*map(str, words), "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **variables},
        start_new_session=True,
    )
    try:
        server = Server(process.pid, port, Path(os.devnull))
        if ready:
            until(lambda: process.poll() is not None or server.get("/health") == 200, "llama-server to answer")
            assert process.poll() is None, f"llama-server ended with status {process.returncode}"
        yield server
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def llama_server(
    *words: str, build: str | None = None, linked: bool = False, **variables: str
) -> Callable[[Path], AbstractContextManager[int]]:
    """A real llama-server that has loaded a model of 0.4 MB."""

    @contextlib.contextmanager
    def program(folder: Path) -> Iterator[int]:
        model = model_files.in_hub_layout(model_files.gguf(), folder) if linked else model_files.gguf()
        with started(llama_cpp.llama_server(), "-m", model, *words, **variables) as server:
            yield server.pid

    return program


@contextlib.contextmanager
def beginning(folder: Path) -> Iterator[int]:
    """A llama-server that is held right after its start."""
    with started(llama_cpp.llama_server(), "-m", model_files.gguf(), ready=False) as server:
        os.kill(server.pid, signal.SIGSTOP)
        yield server.pid


def router(asked: bool) -> Callable[[Path], AbstractContextManager[int]]:
    """A llama-server in front of a folder of models, before or after a request for one."""

    @contextlib.contextmanager
    def program(folder: Path) -> Iterator[int]:
        (folder / "tiny.gguf").write_bytes(model_files.gguf().read_bytes())
        with started(llama_cpp.llama_server(), "--models-dir", folder, "--host", "0.0.0.0") as server:
            if asked:
                server.post("/v1/completions", {"model": "tiny", "prompt": "hello", "max_tokens": 2})
            yield server.pid

    return program


@contextlib.contextmanager
def volume(folder: Path) -> Iterator[Path]:
    """A mount of its own, as a Volume is."""
    with tempfile.TemporaryDirectory() as source:
        subprocess.run(["mount", "--bind", source, str(folder)], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def on_a_volume(code: str) -> Callable[[Path], AbstractContextManager[int]]:
    """A Python program whose first argument is a file with data on a Volume."""

    @contextlib.contextmanager
    def program(folder: Path) -> Iterator[int]:
        models = folder / "models"
        models.mkdir()
        with volume(models):
            (models / "data").write_bytes(bytes(8192))
            with running(code, str(models / "data"), folder=folder) as one:
                yield one.pid

    return program


@contextlib.contextmanager
def model_on_a_volume(folder: Path) -> Iterator[int]:
    """A llama-server whose model lies on a Volume."""
    models = folder / "models"
    models.mkdir()
    with volume(models):
        (models / "tiny.gguf").write_bytes(model_files.gguf().read_bytes())
        with started(llama_cpp.llama_server(), "-m", models / "tiny.gguf", "--host", "0.0.0.0") as server:
            yield server.pid


@contextlib.contextmanager
def to_the_outside(folder: Path) -> Iterator[int]:
    """A program with a connection to a server that is not below it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = "import socket\nheld = socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
        with running(code, str(server.getsockname()[1]), folder=folder) as one:
            yield one.pid


@contextlib.contextmanager
def to_a_socket_of_the_outside(folder: Path) -> Iterator[int]:
    """The same over a UNIX socket."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "daemon.sock"))
        server.listen()
        code = "import socket\nheld = socket.socket(socket.AF_UNIX)\nheld.connect(sys.argv[1])"
        with running(code, str(folder / "daemon.sock"), folder=folder) as one:
            yield one.pid


# Made when asked for, because the engines are built then.
PLACES: dict[str, Callable[[Path], Path]] = {
    "folder": lambda folder: folder,
    "gguf": lambda _: model_files.gguf(),
    "safetensors": lambda _: model_files.safetensors(),
}
LLAMA = "from llama_cpp import Llama\nmodel = Llama(sys.argv[1], verbose=False, {})\nmodel('hello', max_tokens=2)\n"
INDUCTOR = (
    "from torch._inductor import async_compile\nasync_compile.AsyncCompile.warm_pool()\nasync_compile.AsyncCompile.wait_pool_ready()\n"
)
INDUCTOR_ENDS = (
    INDUCTOR
    + "import time\nasync_compile.shutdown_compile_workers()\n"
    + "while open(f'/proc/self/task/{os.getpid()}/children').read().strip():\n    time.sleep(0.05)\n"
)
DATA_LOADER = """
import torch
from torch.utils.data import DataLoader
loader = DataLoader(list(range(8)), num_workers=2, persistent_workers=True)
batches = iter(loader)
next(batches)
"""
FORK_AND_SPAWN = """
import multiprocessing, time
def work(number):
    return number
if not os.fork():
    time.sleep(600)
pool = multiprocessing.get_context("fork").Pool(2)
pool.map(work, range(4))
import subprocess
sleeper = subprocess.Popen(["sleep", "600"])
"""
SAFETENSORS = "import torch\nfrom safetensors.torch import load_file\nweights = load_file(sys.argv[1])\n"
WITHIN = """
import socket
server = socket.create_server(('127.0.0.1', 0))
held = socket.create_connection(server.getsockname())
other = server.accept()
pair = socket.socketpair()
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(('127.0.0.1', 0))
"""
ON_THE_ROOT = """
import mmap, tempfile
with open(sys.argv[1] + '/data', 'wb') as made:
    made.write(bytes(8192))
held = open(sys.argv[1] + '/data', 'rb')
mapped = mmap.mmap(held.fileno(), 0, prot=mmap.PROT_READ)
shared = open('/dev/shm/snapdoctor-recording', 'wb')
os.unlink('/dev/shm/snapdoctor-recording')
"""
ON_A_VOLUME = """
import mmap
reading = open(sys.argv[1], 'rb')
with open(sys.argv[1] + '.index', 'wb') as made:
    made.write(bytes(8192))
with open(sys.argv[1] + '.index', 'rb') as file:
    mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
log = open(sys.argv[1] + '.log', 'a')
"""
RING = "import ctypes\nring = ctypes.CDLL(None).syscall(425, 8, (ctypes.c_char * 120)())\nassert ring > 0\n"
ORDINARY = """
import ctypes, select
libc = ctypes.CDLL(None)
held = [libc.eventfd(0, 0), libc.timerfd_create(1, 0), libc.inotify_init(), os.memfd_create('x'), os.open('/dev/urandom', os.O_RDONLY)]
assert min(held) > 0
epoll = select.epoll()
ends = os.pipe()
master, slave = os.openpty()
"""
TRACED = """
import ctypes, signal
child = os.fork()
if not child:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitid(os.P_PID, child, os.WSTOPPED | os.WNOWAIT)
"""
NESTED = """
import ctypes, time
if ctypes.CDLL(None, use_errno=True).unshare(0x20000000):
    raise OSError(ctypes.get_errno(), 'unshare')
if not os.fork():
    time.sleep(600)
"""
EVERYWHERE = ("--host", "0.0.0.0")

RECORDINGS = (
    Recording("mapped_weights", "shows-llama-server", llama_server(*EVERYWHERE)),
    Recording("mapped_weights", "shows-llama-server-behind-a-link", llama_server(*EVERYWHERE, linked=True)),
    Recording("mapped_weights", "shows-llama-server-on-a-volume", model_on_a_volume, privileged=True),
    Recording("mapped_weights", "shows-llama-cpp-python", python(LLAMA.format(""), "gguf", engines=True)),
    Recording("mapped_weights", "clean-llama-server-load-mode-none", llama_server("--load-mode", "none", *EVERYWHERE)),
    Recording(
        "mapped_weights",
        "clean-llama-cpp-python-use-mmap-false",
        python(LLAMA.format("use_mmap=False"), "gguf", engines=True),
    ),
    Recording("mapped_weights", "clean-safetensors-without-a-gpu", python(SAFETENSORS, "safetensors", engines=True)),
    Recording("localhost_listener", "shows-llama-server-by-default", llama_server("--load-mode", "none")),
    Recording("localhost_listener", "clean-llama-server-on-every-address", llama_server("--load-mode", "none", *EVERYWHERE)),
    Recording("unready_child", "shows-llama-server-at-its-start", beginning),
    Recording("unready_child", "clean-llama-server-that-answers", llama_server("--load-mode", "none", *EVERYWHERE)),
    Recording("late_child", "shows-router-before-its-first-request", router(asked=False)),
    Recording("late_child", "clean-router-after-its-first-request", router(asked=True)),
    Recording("warmup_disabled", "shows-llama-server-no-warmup", llama_server("--load-mode", "none", "--no-warmup", *EVERYWHERE)),
    Recording("warmup_disabled", "clean-llama-server", llama_server("--load-mode", "none", *EVERYWHERE)),
    Recording("engine_flag_mismatch", "shows-variable-that-is-ignored", llama_server(*EVERYWHERE, LLAMA_ARG_NO_MMAP="1")),
    Recording("engine_flag_mismatch", "clean-variable-of-today", llama_server(*EVERYWHERE, LLAMA_ARG_LOAD_MODE="none")),
    Recording("inductor_workers", "shows-pool-alive", python(INDUCTOR, engines=True, TORCHINDUCTOR_COMPILE_THREADS="2")),
    Recording("inductor_workers", "clean-pool-shut-down", python(INDUCTOR_ENDS, engines=True, TORCHINDUCTOR_COMPILE_THREADS="2")),
    Recording("forked_gpu_descriptors", "clean-dataloader-workers-without-a-gpu", python(DATA_LOADER, engines=True)),
    Recording("child_process_loader", "clean-children-without-a-gpu", python(FORK_AND_SPAWN)),
    Recording("connection_before_snapshot", "shows-tcp-to-the-outside", to_the_outside),
    Recording("connection_before_snapshot", "shows-unix-socket-to-the-outside", to_a_socket_of_the_outside),
    Recording("connection_before_snapshot", "clean-connections-within-the-tree", python(WITHIN)),
    Recording("volatile_volume_file", "shows-files-on-a-volume", on_a_volume(ON_A_VOLUME), privileged=True),
    Recording("volatile_volume_file", "clean-files-on-the-root-and-in-memory", python(ON_THE_ROOT, "folder")),
    Recording("unsaveable_resource", "shows-io-uring", python(RING)),
    Recording("unsaveable_resource", "clean-ordinary-descriptors", python(ORDINARY)),
    Recording("uncheckpointable_process", "shows-traced-process", python(TRACED)),
    Recording("uncheckpointable_process", "shows-nested-pid-namespace", python(NESTED), privileged=True),
    Recording("uncheckpointable_process", "clean-forked-and-executed-children", python(FORK_AND_SPAWN)),
)


def main(names: list[str]) -> None:
    """Record all, or those whose name is given."""
    for recording in RECORDINGS:
        if names and recording.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder, recording.program(Path(folder)) as pid:
            state = read_state(pid)
            places = {
                folder: "/srv/app",
                str(cache.root()): "/opt",
                str(Path.cwd()): "/srv/app",
                sys.prefix: "/srv/venv",
                sys.base_prefix: "/usr",
                tempfile.gettempdir(): "/scratch",
            }
            text = to_json(neutral(small(state), places))
        path = Path("rules", recording.rule, "states", f"{recording.name}.json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
