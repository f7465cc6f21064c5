"""The process between a rehearsal and what it starts; run as `python -m snapdoctor.rehearsal.keeper`.

It is the subreaper of everything below it, so that nothing can slip away by forking, and it ends all of it when the command has ended, when it
is told to, or when the rehearsal is gone: its standard input is a pipe that only the rehearsal holds, and a killed process closes its pipes.
Standard output carries one line of JSON for each thing it has to tell. Nothing but the standard library is imported here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# How long the processes of a command that has ended by itself may take to follow.
GRACE = 0.2


def prctl(option: int, value: int) -> None:
    """Linux's prctl(2) with one argument."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def become_subreaper() -> None:
    """Let orphans below this process come to it, and not to the machine's first process."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def parents() -> dict[int, int]:
    """Every process that can be seen, with its parent; zombies left out."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                if fields[0] not in (b"Z", b"X"):
                    found[int(name)] = int(fields[1])
    return found


def below(top: int) -> list[int]:
    """The living processes below this one."""
    known = parents()
    found = [pid for pid, parent in known.items() if parent == top]
    for pid in found:
        found += [other for other, parent in known.items() if parent == pid]
    return found


def end_all(top: int) -> None:
    """Kill everything below a process of our own until nothing is left, and bury what comes to us."""
    while left := below(top):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        bury()
        time.sleep(0.005)
    bury()


def bury() -> dict[int, int]:
    """Every child that has ended, with its status."""
    found = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            found[pid] = status
    return found


def _start(command: list[str], binds: list[list[str]], scratch: str) -> int:
    keeper = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        devnull = os.open(os.devnull, os.O_RDONLY)
        os.dup2(devnull, 0)
        os.close(devnull)
        os.dup2(2, 1)
        if binds:
            from snapdoctor.rehearsal.mounting import MountError, mounted

            try:
                mounted([(source, target) for source, target in binds], scratch)
            except MountError as error:
                sys.stderr.write(f"snapdoctor: {error}\n")
                sys.stderr.flush()
                os._exit(125)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a new user namespace forgets it, so it comes last
        if os.getppid() != keeper:
            os._exit(126)
        os.execvpe(command[0], command, os.environ)
    except BaseException as error:
        sys.stderr.write(f"snapdoctor: {command[0]} cannot be started: {error}\n")
        sys.stderr.flush()
        os._exit(127)


def _tell(**said: object) -> None:
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(said).encode() + b"\n")


def _survivors() -> list[tuple[int, str]]:
    """What is still there a moment after the command has ended."""
    until = time.monotonic() + GRACE
    while (left := below(os.getpid())) and time.monotonic() < until:
        bury()
        time.sleep(0.005)
    found = []
    for pid in left:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            found.append((pid, file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()))
    return found


def main(command: list[str], binds: list[list[str]], scratch: str) -> None:
    """Run a command, and leave nothing of it."""
    os.setsid()
    become_subreaper()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.set_inheritable(reading, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    pid = _start(command, binds, scratch)
    _tell(pid=pid)
    status = None
    try:
        while status is None:
            ready = select.select([0, reading], [], [])[0]
            if reading in ready:
                os.read(reading, 4096)
                status = bury().get(pid)
            if 0 in ready and status is None:
                return
        survivors = _survivors()
        end_all(os.getpid())
        _tell(status=os.waitstatus_to_exitcode(status), survivors=survivors)
        # Whoever reads what was written to the scratch folder closes our input when that is done, or by being killed.
        select.select([0], [], [])
    finally:
        end_all(os.getpid())
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
        _tell(ended=True)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    main(order["command"], order["binds"], order["scratch"])
