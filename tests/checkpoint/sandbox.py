"""A program inside gVisor: started, looked at, checkpointed, restored, and gone without a trace.

Everything happens in a *room*: a child process with pid, mount and network namespaces of its own, whose process 1 dies with the test. So the
kernel ends what was started and unmounts what was mounted however the test ends, SIGKILL included; files are only made on a memory
file system that lies in the room.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

RUNSC = shutil.which("runsc")
ROOM = Path("/mnt")
"""Where a room keeps its files."""
FOLDER = Path("/mnt")
"""Where the sandboxed program finds its folder, a mount from the host."""
CAPABILITIES = ("CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_IPC_LOCK", "CAP_KILL", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_RESOURCE")


def unavailable() -> str:
    """Why no sandbox can be started here; empty where one can."""
    if RUNSC is None:
        return "runsc is not installed (Debian: apt-get install runsc)"
    if os.geteuid() != 0:
        return "runsc needs root"
    return ""


def version() -> str:
    """What `runsc --version` calls itself."""
    first = subprocess.run(["runsc", "--version"], capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()[0]
    return first.removeprefix("runsc version ")


def in_room(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a command in a room of its own; raises subprocess.TimeoutExpired when it takes longer, and leaves nothing either way."""
    return subprocess.run(
        [
            *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"),
            # The shell is process 1: it waits for every orphan, which `runsc delete` relies on.
            *("sh", "-c", f'mount -t tmpfs room {ROOM} && "$@"; exit $?', "sh", *command),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class Done(NamedTuple):
    """How a command of `runsc` ended."""

    ok: bool
    output: str


class Silent(Exception):
    """The sandboxed program said nothing in time, or ended without a word."""


class Sandbox:
    """One program under `runsc`; only inside a room. `folder` is its directory on the host, `FOLDER` inside."""

    def __init__(
        self, program: Sequence[str], shown: Sequence[Path], environment: dict[str, str], network: str = "", options: Sequence[str] = ()
    ) -> None:
        """`shown`: what it may read besides the machine's root.

        `network`: the file of a network namespace whose interfaces become the sandbox's own; empty: it has loopback only.
        `options`: more flags of runsc. The root can be written to where they ask for an overlay.
        """
        self.folder = ROOM / "folder"
        self.bundle = ROOM / "bundle"
        self.image = ROOM / "image"
        self.log = ROOM / "log"
        for path in (self.folder, self.bundle, self.log):
            path.mkdir()
        self.name = "before"
        self.network = network
        self.options = options
        self.output = -1
        self.unread = b""
        whole = configuration(program, shown, environment, self.folder, network)
        whole["root"]["readonly"] = not any("overlay" in option for option in options)
        (self.bundle / "config.json").write_text(json.dumps(whole))

    def runsc(self, *arguments: str, seconds: float, output: int | None = None) -> Done:
        """One command of runsc, ended after `seconds`; `output` becomes the sandboxed program's standard output."""
        flags = ["--root", str(ROOM / "state"), "--platform=ptrace", "--ignore-cgroups", f"--debug-log={self.log}/"]
        flags.append("--network=sandbox" if self.network else "--network=none")
        flags += self.options
        errors = ROOM / "errors"
        with errors.open("wb") as error:
            try:
                code = subprocess.run(
                    ["runsc", *flags, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=error if output is None else output,
                    stderr=error,
                    timeout=seconds,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                return Done(False, f"no end after {seconds:.0f} s")
        return Done(code == 0, errors.read_text(errors="replace").strip())

    def start(self) -> Done:
        """Start the program."""
        return self.begin("run")

    def restore(self) -> Done:
        """Start it again from the image."""
        self.name = "after"
        return self.begin("restore", "--image-path", str(self.image))

    def begin(self, command: str, *options: str) -> Done:
        self.output, sink = os.pipe()
        try:
            return self.runsc(command, "--detach", "--bundle", str(self.bundle), *options, self.name, seconds=60, output=sink)
        finally:
            os.close(sink)

    def line(self, seconds: float) -> dict[str, Any]:
        """The next line of JSON that the program prints; raises Silent."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self.unread:
            if not select.select([self.output], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise Silent(f"no word after {seconds:.0f} s")
            if not (more := os.read(self.output, 65536)):
                raise Silent("ended without a word")
            self.unread += more
        line, _, self.unread = self.unread.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def execute(self, command: Sequence[str], seconds: float) -> tuple[int | None, str, str]:
        """Run a second program beside the first: exit code (None: it did not end in time), standard output, standard error."""
        whole = ["runsc", "--root", str(ROOM / "state"), "exec", self.name, *command]
        try:
            done = subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return None, "", f"no end after {seconds:.0f} s"
        return done.returncode, done.stdout, done.stderr

    def checkpoint(self) -> Done:
        """Save the sandbox, which ends it where it can be saved."""
        done = self.runsc("checkpoint", "--image-path", str(self.image), self.name, seconds=120)
        self.delete()
        return done

    def signal(self, name: str) -> Done:
        """Send a signal to the sandbox's first process."""
        return self.runsc("kill", self.name, name, seconds=30)

    def delete(self) -> None:
        """End the sandbox."""
        self.runsc("delete", "--force", self.name, seconds=30)
        os.close(self.output)
        self.unread = b""


def configuration(program: Sequence[str], shown: Sequence[Path], environment: dict[str, str], folder: Path, network: str) -> dict[str, Any]:
    """An OCI bundle's `config.json`."""
    own = [("/proc", "proc"), ("/dev", "tmpfs"), ("/dev/shm", "tmpfs"), ("/dev/pts", "devpts"), ("/sys", "sysfs"), ("/tmp", "tmpfs")]
    mounts: list[dict[str, Any]] = [{"destination": point, "type": kind, "source": kind} for point, kind in own]
    mounts.append({"destination": str(FOLDER), "type": "bind", "source": str(folder), "options": ["rbind", "rw"]})
    mounts += [{"destination": str(path), "type": "bind", "source": str(path), "options": ["rbind", "ro"]} for path in shown]
    namespaces = [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]
    namespaces.append({"type": "network", "path": network} if network else {"type": "network"})
    sets = ("bounding", "effective", "inheritable", "permitted")
    return {
        "ociVersion": "1.0.0",
        "hostname": "sandbox",
        "root": {"path": "/", "readonly": True},
        "mounts": mounts,
        "process": {
            "user": {"uid": 0, "gid": 0},
            "cwd": "/",
            "args": list(program),
            "env": [f"{name}={value}" for name, value in {"PATH": os.environ["PATH"], "HOME": "/tmp", **environment}.items()],
            "capabilities": dict.fromkeys(sets, CAPABILITIES),
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 4096}],
        },
        "linux": {"namespaces": namespaces},
    }


def shown_here(python: Path) -> list[Path]:
    """Folders of this checkout and of a Python that the sandbox's own file systems would hide."""
    ours = (Path(__file__).parent, Path(sys.prefix), Path(sys.base_prefix), python.parent.parent)
    hidden = {folder.resolve() for folder in ours if folder.resolve().is_relative_to("/tmp") or folder.resolve().is_relative_to(FOLDER)}
    return sorted(hidden)
