"""Shell scripts of the project that an image copies and a hook starts: read for the command they end in."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.image import words_of
from snapdoctor.app.processes import constant_item, launch_of
from snapdoctor.app.values import Arguments, Const, Spread, Text, text

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.app.values import Item

SHELLS = ("bash", "sh", "dash", "zsh")
ASSIGNMENT = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$")
VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
COPIES = ("add_local_file", "add_local_dir", "copy_local_file", "copy_local_dir", "add_local_python_source")


def follow_scripts(machine: Machine, deployment: Deployment) -> None:
    """Replace the launch of a readable shell script by the launch inside it."""
    for event in deployment.events:
        launch = event.launch
        if event.kind != model.PROCESS or launch is None or launch.engine is not None:
            continue
        script = _script(launch.argv)
        if script is None:
            continue
        local = _local_path(deployment, script)
        found = machine.project.text_file(local, event.site.module.path)
        if found is not None:
            _read(event, found[1])


def _script(argv: tuple[Item, ...]) -> str | None:
    words = [constant_item(item) for item in argv[:3]]
    for index, word in enumerate(words):
        if isinstance(word, str):
            if word.endswith((".sh", ".bash")):
                return word
            if index == 0 and os.path.basename(word) not in SHELLS:
                return None
    return None


def _local_path(deployment: Deployment, remote: str) -> str:
    """Where the script lies in the project: by the image's copy steps, else by its name."""
    for step in deployment.image.steps:
        if step.method not in COPIES:
            continue
        words = [word for word, _ in words_of(step.arguments)]
        keyword = text(step.arguments.get("remote_path"))
        target = keyword or (words[-1] if len(words) > 1 else None)
        if target is None or not words:
            continue
        if target == remote or (target.endswith("/") and target + os.path.basename(words[0]) == remote):
            return words[0]
        if remote.startswith(target.rstrip("/") + "/"):
            return os.path.join(words[0], remote[len(target.rstrip("/")) + 1 :])
    return os.path.basename(remote)


def _read(event: Event, content: str) -> None:
    variables: dict[str, str] = {}
    launch = event.launch
    if launch is None:
        return
    for line in re.sub(r"\\\n", " ", content).splitlines():
        stripped = line.strip()
        assigned = ASSIGNMENT.match(stripped)
        if assigned is not None and " " not in assigned[2].strip().strip("\"'").replace("${", ""):
            variables[assigned[1]] = _expand(assigned[2].strip().strip("\"'"), variables)
            continue
        if not stripped or stripped.startswith("#"):
            continue
        inner = launch_of(_command(_expand(stripped, variables)), launch.environment, launch.waits, True, launch.output)
        if inner.engine is not None:
            event.launch = inner
            return


def _expand(line: str, variables: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        known = variables.get(match[1] or match[3])
        if known is not None:
            return known
        return match[2] if match[2] is not None else "\0"

    return VARIABLE.sub(value, line)


def _command(line: str) -> Const | Text:
    if "\0" not in line:
        return Const(line, likely=False)
    from snapdoctor.app.values import UNKNOWN

    parts: list[object] = []
    for index, piece in enumerate(line.split("\0")):
        if index:
            parts.append(UNKNOWN)
        if piece:
            parts.append(piece)
    return Text(tuple(parts))  # type: ignore[arg-type]


__all__ = ["Arguments", "Spread", "follow_scripts"]
