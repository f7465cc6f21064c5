"""Record a container state for the tests: `python tests/container/record.py PID FILE`, or `--small FILE...` to shrink saved ones in place.

A recorded state keeps what rules ask for and loses the rest: libraries other than those that tell an engine or the driver, files under system
folders, mounts that hold no remaining file, and who recorded it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snapdoctor.container.document import from_json, to_json
from snapdoctor.container.model import PROGRAM
from snapdoctor.container.reader import read_state
from snapdoctor.engines.registry import ENGINES

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState, MappedFile, Process

TELLING = (
    "libcuda.so",
    "libnvidia-ml.so",
    "libnccl.so",
    "libcupti.so",
    "torch_memory_saver",
    *(name for engine in ENGINES for name in engine.libraries),
)
SYSTEM = ("/usr/lib/", "/usr/share/", "/lib/", "/etc/", "/opt/torch/.venv/lib/")


def small(state: ContainerState) -> ContainerState:
    """The state without what no rule asks for."""
    programs = {file.path for file in state.files if file.content == PROGRAM}
    processes = tuple(_small(process, programs) for process in state.processes)
    held = {one.path for process in processes for one in process.mapped} | {
        descriptor.target for process in processes for descriptor in process.descriptors
    }
    files = tuple(file for file in state.files if file.path in held)
    points = {"/", *(file.mount for file in files)}
    return state._replace(
        processes=processes, files=files, mounts=tuple(mount for mount in state.mounts if mount.point in points), seconds=0.1
    )


def _small(process: Process, programs: set[str]) -> Process:
    return process._replace(
        mapped=tuple(one for one in process.mapped if _is_kept(one, programs)),
        environment=tuple((name, value) for name, value in process.environment if not name.startswith(("NVIDIA_REQUIRE", "LD_LIBRARY"))),
    )


def _is_kept(one: MappedFile, programs: set[str]) -> bool:
    name = one.path.rpartition("/")[2]
    return name.startswith(TELLING) or (one.path not in programs and not one.path.startswith(SYSTEM))


def main(arguments: list[str]) -> None:
    """Record, or shrink."""
    if arguments[0] == "--small":
        for name in arguments[1:]:
            Path(name).write_text(to_json(small(from_json(Path(name).read_text()))) + "\n")
        return
    Path(arguments[1]).write_text(to_json(small(read_state(int(arguments[0])))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
