"""Record a container state for the tests: `python tests/container/record.py PID FILE`, or `--small FILE...` to shrink saved ones in place.

A recorded state keeps what rules ask for and loses the rest: libraries other than those that tell an engine or the driver, files under system
folders, mounts that hold no remaining file, and who recorded it.
"""

from __future__ import annotations

import re
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


def neutral(state: ContainerState, places: dict[str, str]) -> ContainerState:
    """The state as it could have been recorded anywhere: processes numbered from 100, times from their tree's start, these places renamed."""
    numbers = {process.pid: 100 + index for index, process in enumerate(state.processes)}
    began = state.processes[0].started
    renamed = state._replace(
        root=numbers[state.root],
        processes=tuple(_renumbered(process, numbers, began) for process in state.processes),
        gaps=tuple(gap._replace(pid=numbers.get(gap.pid or 0), why=_in_text(gap.why, numbers)) for gap in state.gaps),
    )
    text = to_json(renamed)
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return from_json(text)


def _renumbered(process: Process, numbers: dict[int, int], began: float) -> Process:
    return process._replace(
        pid=numbers[process.pid],
        parent=numbers.get(process.parent, 1),
        tracer=numbers.get(process.tracer, process.tracer),
        started=round(process.started - began, 2),
        command=tuple(_in_text(word, numbers) for word in process.command),
    )


def _in_text(text: str, numbers: dict[int, int]) -> str:
    """Process ids in options and in paths of `/proc`."""
    for before, after in numbers.items():
        text = re.sub(rf"((?:--parent=|pid=|/proc/)){before}\b", rf"\g<1>{after}", text)
    return text


def main(arguments: list[str]) -> None:
    """Record, or shrink."""
    if arguments[0] == "--small":
        for name in arguments[1:]:
            Path(name).write_text(to_json(small(from_json(Path(name).read_text()))) + "\n")
        return
    Path(arguments[1]).write_text(to_json(small(read_state(int(arguments[0])))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
