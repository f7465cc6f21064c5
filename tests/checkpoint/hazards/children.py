"""Process trees: children of every kind, threads, and the kernel's ties between processes."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from .hazard import Steps, call, hazard, libc, same_if

PTRACE_TRACEME, PTRACE_CONT = 0, 7
CLONE_NEWPID = 0x20000000

ECHO = """
import os, sys
for count, line in enumerate(iter(sys.stdin.readline, ""), 1):
    print(os.getpid(), count, line, end="", flush=True)
"""
RELAY = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-S', '-c', {ECHO!r}]))"


def start(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-S", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)


def ask(child: subprocess.Popen[str], word: str) -> list[str]:
    """`[pid, how many it answered, word]`."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(word + "\n")
    child.stdin.flush()
    return child.stdout.readline().split()


def end(child: subprocess.Popen[str]) -> int:
    assert child.stdin is not None
    child.stdin.close()
    return child.wait(10)


def state_of(pid: int) -> str:
    """The one-letter state that /proc shows."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def await_state(pid: int, wanted: str) -> None:
    deadline = time.monotonic() + 10
    while state_of(pid) != wanted and time.monotonic() < deadline:
        os.sched_yield()


def sleeping_child() -> int:
    """A forked child that waits for signals."""
    pid = os.fork()
    if pid == 0:
        while True:
            signal.pause()
    return pid


@hazard
def plain(folder: Path) -> Steps:
    """Python and a dictionary: what every other row is compared with."""
    squares = {number: number * number for number in range(100_000)}
    yield {}
    return same_if(squares[99_999] == 99_999**2, "memory differs")


@hazard
def child_with_pipes(folder: Path) -> Steps:
    """`subprocess.Popen` with pipes, as a model worker is started."""
    child = start(ECHO)
    pid = ask(child, "before")[0]
    yield {"child": child.pid}
    return same_if(ask(child, "after") == [pid, "2", "after"] and end(child) == 0, "the child lost its place")


@hazard
def grandchild(folder: Path) -> Steps:
    """A child that starts a child (a shell, a launcher)."""
    child = start(RELAY)
    pid = ask(child, "before")[0]
    yield {"child": child.pid, "grandchild": int(pid)}
    return same_if(ask(child, "after") == [pid, "2", "after"] and end(child) == 0, "the grandchild lost its place")


@hazard
def daemon(folder: Path) -> Steps:
    """A child in a session of its own, known only by its pid (a server in the background)."""
    null = subprocess.DEVNULL
    child = subprocess.Popen(["/bin/sleep", "600"], start_new_session=True, stdin=null, stdout=null, stderr=null)
    yield {"child": child.pid}
    held = child.poll() is None and os.getsid(child.pid) == child.pid
    child.kill()
    child.wait(5)
    return same_if(held, "the daemon is gone")


def square(number: int) -> tuple[int, int]:
    return os.getpid(), number * number


def pool_of(method: str) -> Steps:
    pool = multiprocessing.get_context(method).Pool(2)
    before = pool.map(square, range(4))
    yield {"children": sorted({pid for pid, _ in before})}
    after = pool.map_async(square, range(4)).get(timeout=20)
    alive = {worker.pid for worker in pool._pool}  # type: ignore[attr-defined]
    pool.terminate()
    pool.join()
    return same_if([value for _, value in after] == [0, 1, 4, 9] and {pid for pid, _ in after} <= alive, "the pool answers wrong")


@hazard
def spawn_pool(folder: Path) -> Steps:
    """multiprocessing with the spawn start method."""
    return (yield from pool_of("spawn"))


@hazard
def forkserver_pool(folder: Path) -> Steps:
    """multiprocessing with the forkserver start method."""
    return (yield from pool_of("forkserver"))


@hazard
def forked_child(folder: Path) -> Steps:
    """`os.fork` and two pipes."""
    from_parent, to_child = os.pipe()
    from_child, to_parent = os.pipe()
    pid = os.fork()
    if pid == 0:
        while (byte := os.read(from_parent, 1)) not in (b"", b"q"):
            os.write(to_parent, byte.upper())
        os._exit(7)
    os.close(from_parent)
    os.close(to_parent)
    os.write(to_child, b"a")
    assert os.read(from_child, 1) == b"A"
    yield {"child": pid}
    os.write(to_child, b"b")
    answered = os.read(from_child, 1) == b"B"
    os.write(to_child, b"q")
    _, status = os.waitpid(pid, 0)
    return same_if(answered and os.waitstatus_to_exitcode(status) == 7, "the child answers wrong")


@hazard
def zombie(folder: Path) -> Steps:
    """A child that ended and was not waited for."""
    pid = os.fork()
    if pid == 0:
        os._exit(3)
    await_state(pid, "Z")
    yield {"child": pid}
    _, status = os.waitpid(pid, 0)
    return same_if(os.waitstatus_to_exitcode(status) == 3, "the exit status is lost")


@hazard
def stopped_child(folder: Path) -> Steps:
    """A child stopped by SIGSTOP."""
    pid = sleeping_child()
    os.kill(pid, signal.SIGSTOP)
    await_state(pid, "T")
    yield {"child": pid}
    state = state_of(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return same_if(state == "T", f"state {state}")


@hazard
def traced_child(folder: Path) -> Steps:
    """A child under a tracer (gdb, strace, py-spy)."""
    pid = os.fork()
    if pid == 0:
        libc.ptrace(PTRACE_TRACEME, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(9)
    os.waitpid(pid, 0)
    yield {"child": pid}
    libc.ptrace(PTRACE_CONT, pid, 0, 0)
    _, status = os.waitpid(pid, 0)
    return same_if(os.waitstatus_to_exitcode(status) == 9, f"status {status}")


@hazard
def nested_pid_namespace(folder: Path) -> Steps:
    """A child that is process 1 of a namespace of its own (a sandbox inside the container)."""
    call(libc.unshare(CLONE_NEWPID))
    pid = sleeping_child()
    yield {"child": pid}
    alive = os.waitpid(pid, os.WNOHANG) == (0, 0)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return same_if(alive, "the child is gone")


@hazard
def hundred_threads(folder: Path) -> Steps:
    """A hundred threads, each waiting for its turn."""
    turns = [threading.Semaphore(0) for _ in range(100)]
    taken = [threading.Semaphore(0) for _ in range(100)]

    def take(number: int) -> None:
        while turns[number].acquire():
            taken[number].release()

    for number in range(100):
        threading.Thread(target=take, args=(number,), daemon=True).start()
    for turn, done in zip(turns, taken, strict=True):
        turn.release()
        done.acquire()
    yield {"threads": len(os.listdir("/proc/self/task"))}
    for turn in turns:
        turn.release()
    return same_if(all(done.acquire(timeout=10) for done in taken) and len(os.listdir("/proc/self/task")) == 101, "a thread is gone")


@hazard
def pidfd_of_child(folder: Path) -> Steps:
    """A descriptor of a process."""
    child = subprocess.Popen(["/bin/sleep", "600"])
    try:
        descriptor = os.pidfd_open(child.pid)
    except OSError:
        child.kill()
        raise
    yield {"child": child.pid}
    signal.pidfd_send_signal(descriptor, signal.SIGTERM)
    return same_if(child.wait(5) == -signal.SIGTERM, "the signal did not arrive")


@hazard
def seccomp_filter(folder: Path) -> Steps:
    """A filter on system calls that lets all pass."""
    pr_set_no_new_privs, pr_set_seccomp, filter_mode, allow_all = 38, 22, 2, b"\x06\x00\x00\x00\x00\x00\xff\x7f"

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    call(libc.prctl(pr_set_no_new_privs, 1, 0, 0, 0))
    call(libc.prctl(pr_set_seccomp, filter_mode, ctypes.byref(Program(1, allow_all)), 0, 0))
    yield {}
    return same_if("Seccomp:\t2" in Path("/proc/self/status").read_text(), "the filter is gone")
