"""Reads of environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.values import ABSENT, UNKNOWN, Arguments, Const, Made, Mapping, Value, constant

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event, Site


def read(machine: Machine, name: str, default: Value | None, site: Site) -> Value:
    """`os.environ[name]`, `os.environ.get(name, default)`: what the app set itself, else the default, which is only likely."""
    event = machine.record(model.ENVIRONMENT, name, site)
    event.purpose = "read"
    written = _written(machine, name)
    if written is not None:
        return written
    known = constant(default)
    if default is not None and known is not UNKNOWN and known is not None:
        return Const(known, True, event)
    return Made("os.environ", Arguments((Const(name),)), site, base=default, event=event)


def _written(machine: Machine, name: str) -> Value | None:
    for event in reversed(machine.events):
        if event.kind == model.ENVIRONMENT and event.purpose == "set" and event.name == name:
            value = event.arguments.positional[0] if event.arguments.positional else UNKNOWN
            return None if event.conditional else value
    return None


def whole(machine: Machine) -> Mapping:
    """`os.environ` as a mapping: what the app set is known, the rest is open."""
    entries: dict[object, Value] = {}
    sites: dict[object, Site] = {}
    for event in machine.events:
        if event.kind == model.ENVIRONMENT and event.purpose == "set" and event.arguments.positional:
            entries[event.name] = UNKNOWN if event.conditional else event.arguments.positional[0]
            sites[event.name] = event.site
    return Mapping(entries, open=True, sites=sites)


def write(machine: Machine, name: Value, value: Value, site: Site) -> Event | None:
    """`os.environ.setdefault(name, value)` and friends."""
    key = constant(name)
    if not isinstance(key, str):
        return None
    event = machine.record(model.ENVIRONMENT, key, site)
    event.purpose = "set"
    event.arguments = Arguments((value,))
    return event


def written_in(mapping: Mapping) -> list[tuple[Value, Value]]:
    """The pairs of a mapping given to `os.environ.update`."""
    return [(Const(key), value) for key, value in mapping.entries.items() if value is not ABSENT]
