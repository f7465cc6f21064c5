"""Where a value came from: the clock, randomness, the environment, a model load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.objects import Object
from snapdoctor.app.values import Choice, Const, Made, Mapping, Sequence, Text, Value

if TYPE_CHECKING:
    from snapdoctor.app.model import Event

SOURCES = (model.CLOCK, model.RANDOM, model.ENVIRONMENT, model.CONNECT, model.CLIENT, model.FILE, model.THREAD)


def origin(value: Value | None, depth: int = 4) -> Event | None:
    """The event whose result this value holds or is computed from, if it is one worth keeping track of."""
    if depth == 0 or value is None:
        return None
    if isinstance(value, Const):
        return value.origin
    if isinstance(value, Made):
        if value.event is not None and value.event.kind in SOURCES:
            return value.event
        return (
            origin(value.base, depth - 1)
            or _first(value.arguments.positional, depth)
            or _first(tuple(value.arguments.keywords.values()), depth)
        )
    if isinstance(value, Text):
        return _first(tuple(part for part in value.parts if not isinstance(part, str)), depth)
    if isinstance(value, Choice):
        return _first(value.options, depth)
    if isinstance(value, Sequence):
        return _first(tuple(item for item in value.items if isinstance(item, (Const, Made, Text))), depth)
    if isinstance(value, Mapping):
        return _first(tuple(value.entries.values()), depth)
    return None


def _first(values: tuple[Value, ...], depth: int) -> Event | None:
    for value in values[:8]:
        found = origin(value, depth - 1)
        if found is not None:
            return found
    return None


def load_behind(value: Value | None, depth: int = 6) -> Event | None:
    """The load event of the model this value is, wraps or was derived from."""
    if value is None or depth == 0:
        return None
    if isinstance(value, Made):
        if value.event is not None and value.event.kind == model.LOAD:
            return value.event
        found = load_behind(value.base, depth - 1)
        if found is not None:
            return found
        if _passes_on(value.name):
            for argument in (*value.arguments.positional, *value.arguments.keywords.values()):
                found = load_behind(argument, depth - 1)
                if found is not None:
                    return found
        return None
    if isinstance(value, (Choice, Sequence)):
        items = value.options if isinstance(value, Choice) else value.items
        for item in items[:8]:
            found = load_behind(item, depth - 1) if isinstance(item, (Made, Choice, Sequence)) else None
            if found is not None:
                return found
    if isinstance(value, Object):
        for attribute in value.attributes.values():
            if isinstance(attribute, Made):
                found = load_behind(attribute, depth - 1)
                if found is not None:
                    return found
    return None


def _passes_on(name: str) -> bool:
    """Whether a library call that is given a model hands back something that runs it (`torch.compile(model)`, `pipeline(model=...)`)."""
    return not name.startswith(("time.", "os.", "logging.", "builtins."))
