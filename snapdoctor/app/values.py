"""Abstract values: what partial evaluation knows of an expression.

Anything not listed here is `Unknown`, and unknown never makes a finding. Values are never mutated by rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Event, Site


class Unknown:
    """Nothing is known, except sometimes where it came from (`name`, a dotted name such as `shared.config.IMAGE`)."""

    __slots__ = ("name",)

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Unknown({self.name!r})" if self.name else "Unknown()"


UNKNOWN = Unknown()


class Const:
    """A known Python constant: str, int, float, bool, bytes, complex, None or Ellipsis.

    `likely` marks a value that rests on an assumption, such as the default of `os.environ.get`.
    `origin` is the event (clock, randomness, environment) the value was read by, if any.
    """

    __slots__ = ("likely", "origin", "value")

    def __init__(self, value: object, likely: bool = False, origin: Event | None = None) -> None:
        self.value = value
        self.likely = likely
        self.origin = origin

    def __repr__(self) -> str:
        return f"Const({self.value!r}{', likely' if self.likely else ''})"


class Text:
    """A string with holes: known pieces and unknown values in order."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Union[str, Value], ...]) -> None:
        self.parts = parts

    def __repr__(self) -> str:
        return f"Text{self.parts!r}"


class Choice:
    """One of several values, depending on a condition that could not be decided."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Value, ...]) -> None:
        self.options = options

    def __repr__(self) -> str:
        return f"Choice{self.options!r}"


class Spread:
    """Inside a sequence: a run of items that differs by branch. `options=None`: any number of unknown items."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[tuple[Item, ...], ...] | None) -> None:
        self.options = options

    def __repr__(self) -> str:
        return f"Spread({self.options!r})"


class Sequence:
    """A list, tuple or set whose items are known in order; mutable during evaluation only."""

    __slots__ = ("items", "kind", "site")

    def __init__(self, items: tuple[Item, ...], kind: str = "list", site: Site | None = None) -> None:
        self.items = items
        self.kind = kind
        self.site = site

    def __repr__(self) -> str:
        return f"Sequence({self.items!r})"


class Mapping:
    """A dict with known keys; `open` when there may be more. Values of keys set in one branch only hold `Choice(..., ABSENT)`."""

    __slots__ = ("entries", "open", "site", "sites")

    def __init__(
        self,
        entries: dict[object, Value],
        open: bool = False,
        site: Site | None = None,
        sites: dict[object, Site] | None = None,
    ) -> None:
        self.entries = entries
        self.open = open
        self.site = site
        self.sites = sites or {}

    def __repr__(self) -> str:
        return f"Mapping({self.entries!r}{', open' if self.open else ''})"


class Absent:
    """The value of a name or key that one branch never set."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Reference:
    """An imported name of a library, by its full dotted name: `torch.bfloat16`, `subprocess.Popen`, `modal.Image`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Reference({self.name!r})"


class Made:
    """What a library call returned: `name` is the dotted callee (`modal.Volume.from_name`), `event` the call's event.

    An attribute or method of a `Made` is again named by its chain: `llama_cpp.Llama.tokenize`. `base` is the `Made`
    it came from, so a warm-up call can be traced to the load it belongs to.
    """

    __slots__ = ("arguments", "base", "event", "name", "site")

    def __init__(
        self,
        name: str,
        arguments: Arguments | None = None,
        site: Site | None = None,
        base: Value | None = None,
        event: Event | None = None,
    ) -> None:
        self.name = name
        self.arguments = arguments if arguments is not None else NO_ARGUMENTS
        self.site = site
        self.base = base
        self.event = event

    def __repr__(self) -> str:
        return f"Made({self.name!r})"


class Arguments:
    """The evaluated arguments of one call."""

    __slots__ = ("keywords", "open", "positional", "sites")

    def __init__(
        self,
        positional: tuple[Value, ...] = (),
        keywords: dict[str, Value] | None = None,
        open: bool = False,
        sites: dict[str | int, Site] | None = None,
    ) -> None:
        self.positional = positional
        self.keywords = keywords or {}
        self.open = open
        """True when an unknown `*args` or `**kwargs` may add more."""
        self.sites = sites or {}
        """Where each argument stands, by position or keyword."""

    def get(self, keyword: str, position: int | None = None) -> Value | None:
        """The argument's value; None when it is surely not given, `UNKNOWN` when an unknown `**kwargs` may give it."""
        if keyword in self.keywords:
            return self.keywords[keyword]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return UNKNOWN if self.open else None

    def site(self, keyword: str, position: int | None = None) -> Site | None:
        """Where the argument is written, if it is written at the call."""
        if keyword in self.sites:
            return self.sites[keyword]
        return self.sites.get(position) if position is not None else None

    def __repr__(self) -> str:
        return f"Arguments({self.positional!r}, {self.keywords!r})"


NO_ARGUMENTS = Arguments()


class UserValue:
    """Base of what only the evaluator makes of the user's own code: functions, classes, instances, modules."""

    __slots__ = ()


Value = Union[Unknown, Const, Text, Choice, Sequence, Mapping, Absent, Reference, Made, UserValue]
Item = Union[Value, Spread]


def as_it_stands(value: Value | None) -> Value | None:
    """The value as it is now: a dict's later changes, and the end of the walk, which takes them back, do not reach it."""
    if isinstance(value, Mapping):
        return Mapping(dict(value.entries), value.open, value.site, dict(value.sites))
    return value


def options(value: Value | None) -> Iterator[Value]:
    """Every value this may be, choices flattened; `ABSENT` included where a branch leaves it unset."""
    if value is None:
        return
    if isinstance(value, Choice):
        for option in value.options:
            yield from options(option)
    else:
        yield value


def constant(value: Value | None) -> Any:
    """The Python constant, or `UNKNOWN`. A `Choice` of equal constants is that constant."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Choice):
        found = [constant(option) for option in options(value)]
        first = found[0]
        if first is not UNKNOWN and all(type(other) is type(first) and other == first for other in found):
            return first
    return UNKNOWN


def text(value: Value | None) -> str | None:
    """The whole string if it is known, else None."""
    found = constant(value)
    if isinstance(found, str):
        return found
    return None


def sketch(value: Value | None, hole: str = "\0") -> str | None:
    """The string with `hole` for each unknown piece; None when it is no string at all. Good for searching in URLs and commands."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Text):
        pieces = []
        for part in value.parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                known = constant(part)
                pieces.append(hole if known is UNKNOWN else str(known))
        return "".join(pieces)
    return None


def is_likely(value: Value | None) -> bool:
    """Whether the value rests on an assumption (an environment default, an undecided branch)."""
    if isinstance(value, Const):
        return value.likely
    if isinstance(value, Text):
        return any(is_likely(part) for part in value.parts if not isinstance(part, str))
    if isinstance(value, Sequence):
        return any(is_likely(item) for item in value.items if not isinstance(item, Spread))
    return isinstance(value, Choice)
