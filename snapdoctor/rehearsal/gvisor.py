"""What runsc is told: where it is, which flags it takes, and the container that it is to run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor.rehearsal.roomed import NoEngine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snapdoctor.rehearsal.place import Launch

# What a container on Modal may do, and what a look at other processes needs.
CAPABILITIES = (
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_IPC_LOCK", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID",
    "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_RESOURCE",
)  # fmt: skip
# The parts of the machine's tree that the sandbox has of its own.
OWN = (("/proc", "proc"), ("/sys", "sysfs"), ("/dev", "tmpfs"), ("/dev/pts", "devpts"), ("/dev/shm", "tmpfs"))
OPEN_FILES = 65536
LONGEST_REASON = 300
# What the kernel objects are that releases of 2022 to 2024 were seen to refuse (`tests/checkpoint`).
WORDS = {
    "tcp.endpoint": ": a TCP socket in an epoll set, which gVisor of 2022-12 refuses and of 2024-07 does not",
    "iouringfs.FileDescription": ": an io_uring descriptor",
}


class Runsc(NamedTuple):
    """An installed runsc."""

    path: str
    version: str
    """`release-20260817.0`, `0.0~20221219.0`: as it calls itself."""

    @property
    def month(self) -> str:
        """The month of its release (`2022-12`); empty where its version does not tell."""
        found = re.search(r"(20\d\d)(\d\d)\d\d", self.version)
        return f"{found[1]}-{found[2]}" if found is not None else ""


def found() -> Runsc:
    """The runsc of this machine; raises `NoEngine`."""
    path = shutil.which("runsc")
    if path is None:
        raise NoEngine("runsc, the command of gVisor, is not installed here (Debian and Ubuntu: apt-get install runsc)")
    if os.geteuid() != 0:
        raise NoEngine("runsc can save a sandbox as root only: run this with sudo")
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NoEngine(f"{path} --version failed: {error}") from error
    return Runsc(path, said.splitlines()[0].removeprefix("runsc version ").strip() if said.strip() else "")


def reason(said: str) -> str:
    """The cause in runsc's complaint, which prints whole objects of its kernel: `encoding error at object gofer.dentry{vfsd:..., name:"x"...`."""
    text = re.sub(
        r'^(\w+ failed: )?(\w+ container "[^"]*": |running container: |starting container: )*', "", said.strip().partition("\n")[0]
    )
    kind = re.search(r"encoding error at object ([\w.]+)\{", text)
    if kind is None:
        return text[:LONGEST_REASON].rstrip(" :")
    name = re.search(r'\bname:"([^"]*)"', text)
    if kind[1] == "gofer.dentry" and "dead:true" in text:
        return f"encoding error at object gofer.dentry: {name[1] if name else 'a file'} was removed while it is open or mapped"
    return f"encoding error at object {kind[1]}{WORDS.get(kind[1], '')}"


def flags(state: str, log: str) -> list[str]:
    """Flags of every command: `state` is its own folder, `log` a file for its own messages.

    Whatever the container writes outside its mounts stays in its own memory, as in a container on Modal, and is saved with it. The control
    plane is a unix socket of this machine, which needs `--host-uds` (all of them checked on releases of 2022-12 and 2024-07).
    """
    return [
        *("--root", state, "--log", log, "--log-format", "json"),
        *("--ignore-cgroups", "--network=none", "--overlay2=root:memory", "--host-uds=open"),
    ]


def configuration(launch: Launch, root: str, binds: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """An OCI bundle's `config.json`: `root` is this machine's tree, `binds` are folders of it that the container really writes to."""
    mounts: list[dict[str, Any]] = [{"destination": point, "type": kind, "source": kind} for point, kind in OWN]
    mounts += [{"destination": target, "type": "bind", "source": source, "options": ["rbind", "rw"]} for source, target in binds]
    return {
        "ociVersion": "1.0.0",
        "hostname": "modal",
        "root": {"path": root, "readonly": False},
        "mounts": mounts,
        "process": {
            "user": {"uid": 0, "gid": 0},
            "cwd": str(launch.folder),
            "args": list(launch.command),
            "env": [f"{name}={value}" for name, value in launch.environment.items()],
            "capabilities": dict.fromkeys(("bounding", "effective", "inheritable", "permitted"), CAPABILITIES),
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": OPEN_FILES, "soft": OPEN_FILES}],
        },
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")]},
    }
