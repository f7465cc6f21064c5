"""Scopes and the trail of changes that lets both arms of a branch be evaluated and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snapdoctor.app.values import ABSENT, UNKNOWN, Choice, Const, Item, Mapping, Reference, Sequence, Spread, Text, Unknown, Value, options

if TYPE_CHECKING:
    from snapdoctor.app.module import SourceModule
    from snapdoctor.app.objects import Class

MOST_OPTIONS = 6


class Frame:
    """The local names of one call (or of a module or class body)."""

    __slots__ = ("globals", "hook", "module", "names", "outer", "owner", "receiver", "returned", "shared")

    def __init__(self, module: SourceModule, names: dict[str, Value], shared: dict[str, Value], outer: Frame | None) -> None:
        self.module = module
        self.names = names
        self.shared = shared
        """The module's global names."""
        self.outer = outer
        """The enclosing function's frame, for closures."""
        self.globals: set[str] = set()
        """Names declared `global` here."""
        self.owner: Class | None = None
        self.receiver: Value | None = None
        self.returned: list[Value] = []


class Trail:
    """Every mutation of evaluated state, so that it can be taken back and joined.

    A container is a dict (names, attributes, dict entries) or a `Sequence` (whose `items` are replaced whole).
    """

    def __init__(self) -> None:
        self._log: list[tuple[Any, Any, Any]] = []

    def put(self, container: dict[Any, Value], key: object, value: Value) -> None:
        """Set a key."""
        self._log.append((container, key, container.get(key, ABSENT)))
        container[key] = value

    def remove(self, container: dict[Any, Value], key: object) -> None:
        """Delete a key, if it is there."""
        if key in container:
            self._log.append((container, key, container[key]))
            del container[key]

    def items(self, sequence: Sequence, items: tuple[Item, ...]) -> None:
        """Replace a sequence's items."""
        self._log.append((sequence, None, sequence.items))
        sequence.items = items

    def open(self, mapping: Mapping) -> None:
        """Let a mapping hold unknown keys from here on."""
        self._log.append((mapping, None, mapping.open))
        mapping.open = True

    def mark(self) -> int:
        """The present length, to come back to."""
        return len(self._log)

    def take_back(self, mark: int) -> dict[tuple[int, Any], tuple[Any, Any, Any]]:
        """Undo everything since `mark`; returns what had been set: {(id, key): (container, key, last value)}."""
        changes: dict[tuple[int, Any], tuple[Any, Any, Any]] = {}
        while len(self._log) > mark:
            container, key, old = self._log.pop()
            place = (id(container), key)
            if place not in changes:
                changes[place] = (container, key, _current(container, key))
            _restore(container, key, old)
        return changes

    def apply(self, changes: dict[tuple[int, Any], tuple[Any, Any, Any]]) -> None:
        """Set again what `take_back` returned."""
        for container, key, value in changes.values():
            self._set(container, key, value)

    def join(self, outcomes: list[dict[tuple[int, Any], tuple[Any, Any, Any]]]) -> None:
        """Set every changed place to what it may be after any of the arms."""
        if len(outcomes) == 1:
            self.apply(outcomes[0])
            return
        places = {place: change[:2] for outcome in outcomes for place, change in outcome.items()}
        for place, (container, key) in places.items():
            now = _current(container, key)
            found = [outcome[place][2] if place in outcome else now for outcome in outcomes]
            self._set(container, key, _join_any(container, found))

    def _set(self, container: Any, key: Any, value: Any) -> None:
        if isinstance(container, Sequence):
            self.items(container, value)
        elif isinstance(container, Mapping):
            if value and not container.open:
                self.open(container)
        elif value is ABSENT:
            self.remove(container, key)
        else:
            self.put(container, key, value)


def _current(container: Any, key: Any) -> Any:
    if isinstance(container, Sequence):
        return container.items
    if isinstance(container, Mapping):
        return container.open
    return container.get(key, ABSENT)


def _restore(container: Any, key: Any, old: Any) -> None:
    if isinstance(container, Sequence):
        container.items = old
    elif isinstance(container, Mapping):
        container.open = old
    elif old is ABSENT:
        container.pop(key, None)
    else:
        container[key] = old


def _join_any(container: Any, found: list[Any]) -> Any:
    if isinstance(container, Sequence):
        return join_items(found)
    if isinstance(container, Mapping):
        return any(found)
    return join(found)


def join(values: list[Value]) -> Value:
    """What a place may hold after any of several branches."""
    distinct: list[Value] = []
    for value in values:
        for option in options(value):
            if not any(same(option, other) for other in distinct):
                distinct.append(option)
    if not distinct:
        return UNKNOWN
    if len(distinct) == 1:
        return distinct[0]
    if len(distinct) > MOST_OPTIONS:
        return UNKNOWN
    return Choice(tuple(distinct))


def join_items(found: list[tuple[Item, ...]]) -> tuple[Item, ...]:
    """Join item runs: what they begin and end with in common stays certain, the middle differs by branch."""
    shortest = min(len(items) for items in found)
    first = found[0]
    head = 0
    while head < shortest and all(_same_item(items[head], first[head]) for items in found):
        head += 1
    tail = 0
    while tail < shortest - head and all(_same_item(items[-1 - tail], first[-1 - tail]) for items in found):
        tail += 1
    middles = tuple(items[head : len(items) - tail] for items in found)
    if not any(middles):
        return first
    end = first[len(first) - tail :] if tail else ()
    return (*first[:head], Spread(middles), *end)


def _same_item(one: Item, other: Item) -> bool:
    if isinstance(one, Spread) or isinstance(other, Spread):
        return one is other
    return same(one, other)


def same(one: Value, other: Value) -> bool:
    """Whether two values are surely the same."""
    if one is other:
        return True
    if isinstance(one, Const) and isinstance(other, Const):
        return type(one.value) is type(other.value) and one.value == other.value
    if isinstance(one, Reference) and isinstance(other, Reference):
        return one.name == other.name
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return one.name == other.name
    if isinstance(one, Text) and isinstance(other, Text):
        return len(one.parts) == len(other.parts) and all(_same_part(a, b) for a, b in zip(one.parts, other.parts, strict=True))
    return False


def _same_part(one: str | Value, other: str | Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return same(one, other)
