"""Which engine a live process belongs to, and what it does there: by its command line, its title, or the libraries that it maps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app.values import Const
from snapdoctor.engines.command import role as option_of_role
from snapdoctor.engines.engine import Launch
from snapdoctor.engines.recognition import WRAPPERS, is_python, recognise_launch
from snapdoctor.engines.registry import BY_NAME, ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.container.model import Process
    from snapdoctor.engines.engine import Flag

SERVER, ROUTER, IN_PROCESS, MODEL_OF_ROUTER = "server", "router", "in process", "model of a router"
# Python's own helpers (multiprocessing.resource_tracker, .spawn, .forkserver start as `python -c "from multiprocessing..."`).
PYTHON_HELPERS = (
    (re.compile(r"from multiprocessing\.resource_tracker import main"), "resource tracker"),
    (re.compile(r"from multiprocessing\.forkserver import main"), "fork server"),
    (re.compile(r"from multiprocessing\.spawn import spawn_main"), "spawned worker"),
)
# They stay alive above what they start; their words are another process's command.
STARTERS = frozenset((*WRAPPERS, "uv", "sh", "bash", "dash", "zsh", "busybox"))


def launch(command: tuple[str, ...], engine: str, is_open: bool = False) -> Launch:
    """A live command line as rules read the source's: every word known."""
    program = command[0].rpartition("/")[2] if command else None
    return Launch(program, tuple(Const(word) for word in command), is_open, None, engine, False, False)


def launch_of(process: Process) -> Launch:
    """The launch of a probed process; one whose title is rewritten has no options to read."""
    return launch(process.command, process.engine, is_open=len(process.command) == 1 and " " in process.command[0])


def option(process: Process, *names: str) -> Flag:
    """What a live command line says about one of these options."""
    from snapdoctor.engines.command import flag

    return flag(launch_of(process), *names)


def recognised(name: str, command: tuple[str, ...], environment: dict[str, str], mapped: Iterable[str]) -> tuple[str, str]:
    """(engine, role) of a process; empty words for what is not known. `mapped` are the paths that it maps."""
    program = command[0].rpartition("/")[2] if command else name
    if program in STARTERS:
        return "", ""
    line = " ".join(command)
    for engine in ENGINES:
        for piece, said in engine.marks:
            if piece in line:
                return engine.name, said
    for pattern, said in PYTHON_HELPERS:
        if pattern.search(line):
            return "", said
    found = recognise_launch(program, list(command)) or (recognise_launch(name, [name, *command[1:]]) if not is_python(program) else None)
    if found is not None:
        if found.child_variable and found.child_variable in environment:
            return found.name, MODEL_OF_ROUTER
        if program in found.one_shot:
            return found.name, IN_PROCESS
        return found.name, ROUTER if _routes(found.name, command, environment) else SERVER
    return _by_library(mapped)


def _routes(engine: str, command: tuple[str, ...], environment: dict[str, str]) -> bool:
    """Whether a server that can stand in front of others holds no model itself."""
    known = BY_NAME[engine]
    if known.lazy_child:
        return True
    if not known.model_variables or any(variable in environment for variable in known.model_variables):
        return False
    return option_of_role(launch(command, engine), "model").present is False


def _by_library(mapped: Iterable[str]) -> tuple[str, str]:
    names = {path.rpartition("/")[2] for path in mapped}
    for engine in sorted(ENGINES, key=lambda one: one.underlies):
        if any(name.startswith(library) for library in engine.libraries for name in names):
            return engine.name, IN_PROCESS
    return "", ""
