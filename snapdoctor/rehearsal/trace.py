"""From what the container told while it ran, and what it asked the platform and when, to phases, hooks, imports and copies."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor.rehearsal import model
from snapdoctor.rehearsal.model import Copy, Hook, Import, Phase

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {"ENTER_PRE_SNAPSHOT": model.BEFORE, "ENTER_POST_SNAPSHOT": model.AFTER, "EXIT": model.EXIT}


class Line(NamedTuple):
    """One line of the trace."""

    at: float
    event: str
    more: dict[str, Any]


def lines(path: Path, wall: float | None = None) -> list[Line]:
    """The trace so far, in this process's `time.monotonic()`; a line that is half written is left out.

    `wall`: what lies between the wall clock and that, for a container that has a monotonic clock of its own.
    """
    found = []
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            data = json.loads(line)
            own, shared = data.pop("at"), data.pop("wall")
            found.append(Line(own if wall is None else shared - wall, data.pop("event"), data))
    return found


def boundaries(trace: list[Line], marks: dict[str, float], spawned: float, ended: float) -> list[tuple[str, float]]:
    """When each phase began, in order, the end last; phases that did not happen are left out."""
    hooks = {KINDS[line.more["kind"]]: line.at for line in reversed(trace) if line.event == "hooks" and line.more["kind"] in KINDS}
    began = [(model.START, spawned)]
    began += [(model.IMPORT, marks["hello"])] if "hello" in marks else []
    began += [(model.BEFORE, hooks[model.BEFORE])] if model.BEFORE in hooks else []
    began += [(model.CAPTURE, marks["checkpoint"])] if "checkpoint" in marks else []
    began += [(model.RESTORE, marks["restored"])] if "restored" in marks else []
    began += [(model.AFTER, hooks[model.AFTER])] if model.AFTER in hooks else []
    web = _web(trace, hooks.get(model.AFTER), marks)
    began += [(model.WEB, web)] if web is not None else []
    first = marks.get("input 1", marks.get("server"))
    began += [(model.ANSWER, first)] if first is not None else []
    began += [(model.AGAIN, marks["input 2"])] if "input 2" in marks else []
    stop = marks.get("stop", marks.get("stopping"))
    began += [(model.EXIT, stop)] if stop is not None else []
    return [*sorted(began, key=lambda one: one[1]), ("", ended)]


def _web(trace: list[Line], after: float | None, marks: dict[str, float]) -> float | None:
    """When the runtime turned to the web body, or began to wait for a server's port, which it does once the hooks have run."""
    bodies = [line.at for line in trace if line.event == "web body"]
    if bodies:
        return bodies[0]
    if "server" not in marks:
        return None
    return max((line.at for line in trace if line.event == "hook ends" and line.more["kind"] == "ENTER_POST_SNAPSHOT"), default=after)


def phases(found: list[tuple[str, float]], marks: dict[str, float]) -> tuple[Phase, ...]:
    """How long each took; an answer's time ends with the answer, not with what the rehearsal does next."""
    ends = {model.ANSWER: marks.get("output 1", marks.get("answered")), model.AGAIN: marks.get("output 2")}
    made = []
    for (name, began), (_, following) in pairwise(found):
        end = ends.get(name) or following
        made.append(Phase(name, max(0.0, end - began)))
    return tuple(made)


def phase_at(found: list[tuple[str, float]], at: float) -> str:
    """The phase in which something happened."""
    name = model.START
    for phase, began in found[:-1]:
        if began <= at:
            name = phase
    return name


def hooks(trace: list[Line]) -> tuple[Hook, ...]:
    """Every hook that ran, in order; one that did not end took until the trace's last line."""
    ends: dict[tuple[str, str], float] = {(line.more["name"], line.more["kind"]): line.at for line in trace if line.event == "hook ends"}
    last = trace[-1].at if trace else 0.0
    made = []
    for line in trace:
        if line.event == "hook begins":
            key = (line.more["name"], line.more["kind"])
            made.append(Hook(line.more["name"], KINDS.get(line.more["kind"], line.more["kind"]), ends.get(key, last) - line.at))
    return tuple(made)


def imports(trace: list[Line], found: list[tuple[str, float]]) -> tuple[Import, ...]:
    """Every package that took a millisecond or more to import, with its phase."""
    return tuple(
        Import(line.more["name"], phase_at(found, line.at - line.more["seconds"]), line.more["seconds"], line.more["by"])
        for line in trace
        if line.event == "import"
    )


def copies(trace: list[Line], secrets: dict[str, str]) -> tuple[Copy, ...]:
    """Values of secrets that were kept over the snapshot."""
    return tuple(
        Copy(line.more["where"], line.more["variable"], secrets.get(line.more["variable"], ""), line.more["sure"])
        for line in trace
        if line.event == "copy"
    )


def missing(trace: list[Line]) -> tuple[str, ...]:
    """Names of modal that the rehearsal leans on and this release lacks."""
    return tuple(f"{line.more['name']}: {line.more['why']}" for line in trace if line.event == "missing")
