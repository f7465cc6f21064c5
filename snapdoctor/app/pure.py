"""Built-ins and methods of known values, computed when everything they need is known."""

from __future__ import annotations

import os.path
import shlex
from typing import TYPE_CHECKING, Any

from snapdoctor.app import environment, model
from snapdoctor.app.objects import Bound, Function
from snapdoctor.app.values import (
    ABSENT,
    UNKNOWN,
    Arguments,
    Const,
    Item,
    Made,
    Mapping,
    Reference,
    Sequence,
    Spread,
    Text,
    Value,
    constant,
    is_likely,
    options,
    sketch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site

HOLE = "\0"
TEXT_METHODS = frozenset(
    """strip lstrip rstrip lower upper title replace removeprefix removesuffix format split rsplit splitlines partition
    rpartition startswith endswith zfill capitalize encode decode count find join isdigit""".split()  # noqa: SIM905
)
FILE_METHODS = ("write_text", "write_bytes", "unlink", "rmdir", "touch", "rename", "open", "mkdir", "read_text", "read_bytes", "symlink_to")


def method(machine: Machine, name: str, receiver: Value | None, arguments: Arguments, site: Site) -> Value:
    """A method of a string, list or dict: `builtins.list.append` on its receiver."""
    last = name.rpartition(".")[2]
    if isinstance(receiver, Sequence):
        return _list_method(machine, last, receiver, arguments)
    if isinstance(receiver, Mapping):
        return _dict_method(machine, last, receiver, arguments)
    if isinstance(receiver, (Const, Text)):
        return _text_method(machine, last, receiver, arguments, site)
    if isinstance(receiver, Function):
        return _function_method(machine, last, receiver, arguments, site)
    return UNKNOWN


def _function_method(machine: Machine, name: str, receiver: Function, arguments: Arguments, site: Site) -> Value:
    """`f.remote(...)` runs elsewhere; `f.local(...)` here."""
    from snapdoctor.app.calls import call_function

    if name == "local":
        return call_function(machine, receiver, arguments, site)
    event = machine.record(model.CALL, f"modal.Function.{name}", site)
    event.arguments = arguments
    return Made(f"modal.Function.{name}", arguments, site, event=event)


def _list_method(machine: Machine, name: str, receiver: Sequence, arguments: Arguments) -> Value:
    from snapdoctor.app.expressions import iterate

    first = arguments.positional[0] if arguments.positional else UNKNOWN
    if name in ("append", "add"):
        machine.trail.items(receiver, (*receiver.items, first))
    elif name in ("extend", "update"):
        machine.trail.items(receiver, receiver.items + iterate(first))
    elif name == "insert":
        known = constant(first)
        added: Value = arguments.positional[1] if len(arguments.positional) > 1 else UNKNOWN
        if isinstance(known, int) and 0 <= known <= len(receiver.items) and not any(isinstance(i, Spread) for i in receiver.items[:known]):
            machine.trail.items(receiver, (*receiver.items[:known], added, *receiver.items[known:]))
        else:
            machine.trail.items(receiver, (*receiver.items, added))
    elif name == "copy":
        return Sequence(receiver.items, receiver.kind, receiver.site)
    elif name in ("remove", "pop", "clear", "discard", "reverse", "sort"):
        machine.trail.items(receiver, (Spread(None),))
        return UNKNOWN
    return Const(None) if name in ("append", "extend", "insert", "add", "update") else UNKNOWN


def _dict_method(machine: Machine, name: str, receiver: Mapping, arguments: Arguments) -> Value:
    first = arguments.positional[0] if arguments.positional else None
    key = constant(first)
    if name in ("get", "pop", "setdefault"):
        return _looked_up(machine, name, receiver, key, arguments)
    if name == "update":
        for value in arguments.positional:
            _update(machine, receiver, value)
        for keyword, value in arguments.keywords.items():
            machine.trail.put(receiver.entries, keyword, value)
        return Const(None)
    if name == "copy":
        return Mapping(dict(receiver.entries), receiver.open, receiver.site, dict(receiver.sites))
    rest: tuple[Item, ...] = (Spread(None),) if receiver.open else ()
    if name == "items":
        pairs: list[Item] = [Sequence((Const(key), value), "tuple") for key, value in receiver.entries.items()]
        return Sequence((*pairs, *rest))
    if name == "values":
        return Sequence((*receiver.entries.values(), *rest))
    if name == "keys":
        return Sequence((*(Const(key) for key in receiver.entries), *rest))
    return UNKNOWN


def _looked_up(machine: Machine, name: str, receiver: Mapping, key: object, arguments: Arguments) -> Value:
    default: Value = arguments.positional[1] if len(arguments.positional) > 1 else Const(None)
    if not isinstance(key, (str, int)):
        return UNKNOWN
    found = receiver.entries.get(key)
    if found is None:
        if name == "setdefault":
            machine.trail.put(receiver.entries, key, default)
        return UNKNOWN if receiver.open else default
    if name == "pop":
        machine.trail.remove(receiver.entries, key)
    kept = [option for option in options(found) if option is not ABSENT]
    return kept[0] if len(kept) == 1 else UNKNOWN


def _update(machine: Machine, receiver: Mapping, value: Value) -> None:
    if isinstance(value, Mapping):
        for key, entry in value.entries.items():
            machine.trail.put(receiver.entries, key, entry)
            if key in value.sites:
                receiver.sites[key] = value.sites[key]
        if value.open:
            machine.trail.open(receiver)
    else:
        machine.trail.open(receiver)


def _text_method(machine: Machine, name: str, receiver: Const | Text, arguments: Arguments, site: Site) -> Value:
    if name == "join" and arguments.positional:
        return _joined(receiver, arguments.positional[0])
    if name == "format":
        return _format(receiver, arguments)
    if name in FILE_METHODS:
        event = machine.record(model.FILE, f"pathlib.Path.{name}", site)
        event.arguments = Arguments((receiver, *arguments.positional), arguments.keywords)
        return Made(f"pathlib.Path.{name}", event.arguments, site, event=event)
    if name == "split" and isinstance(receiver, Text) and not arguments.positional:
        return Sequence(words(receiver))
    if name in ("strip", "rstrip", "lstrip", "as_posix", "resolve", "expanduser", "absolute") and isinstance(receiver, Text):
        return receiver
    if name in ("as_posix", "resolve", "expanduser", "absolute"):
        return receiver
    if not isinstance(receiver, Const) or name not in TEXT_METHODS:
        return UNKNOWN
    found = [constant(value) for value in arguments.positional]
    if UNKNOWN in found or arguments.keywords or not isinstance(receiver.value, (str, bytes)):
        return UNKNOWN
    try:
        result = getattr(receiver.value, name)(*found)
    except (TypeError, ValueError, AttributeError, LookupError):
        return UNKNOWN
    likely = receiver.likely or any(is_likely(value) for value in arguments.positional)
    if isinstance(result, (list, tuple)):
        return Sequence(tuple(Const(part, likely) for part in result))
    return Const(result, likely, receiver.origin)


def _joined(separator: Const | Text, value: Value) -> Value:
    from snapdoctor.app.expressions import iterate, text_of

    between = constant(separator)
    if not isinstance(between, str):
        return UNKNOWN
    parts: list[str | Value] = []
    for index, item in enumerate(iterate(value)):
        if index:
            parts.append(between)
        if isinstance(item, Spread):
            parts.append(_spread_text(between, item))
        else:
            parts.append(item)
    return text_of(parts)


def _spread_text(between: str, item: Spread) -> Value:
    """Joined words of a branch: one text per branch."""
    from snapdoctor.app.expressions import text_of
    from snapdoctor.app.scope import join

    if item.options is None:
        return UNKNOWN
    arms = []
    for run in item.options:
        parts: list[str | Value] = []
        for index, word in enumerate(run):
            parts.extend([between] if index else [])
            parts.append(UNKNOWN if isinstance(word, Spread) else word)
        arms.append(text_of(parts))
    return join(arms)


def _format(receiver: Const | Text, arguments: Arguments) -> Value:
    from snapdoctor.app.expressions import text_of

    template = constant(receiver)
    if not isinstance(template, str) or arguments.open:
        return UNKNOWN
    marks: dict[str, Value] = {f"\1{i}\1": value for i, value in enumerate((*arguments.positional, *arguments.keywords.values()))}
    names = list(marks)
    count = len(arguments.positional)
    try:
        filled = template.format(*names[:count], **dict(zip(arguments.keywords, names[count:], strict=True)))
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return UNKNOWN
    pieces: list[str | Value] = []
    for index, piece in enumerate(filled.split("\1")):
        pieces.append(piece if index % 2 == 0 else marks[f"\1{piece}\1"])
    return text_of(pieces)


def words(value: Value) -> tuple[Item, ...]:
    """Split a command string as a shell would; words with unknown pieces are `Text` or unknown."""
    drawn = sketch(value, HOLE)
    if drawn is None:
        return (Spread(None),)
    holes = [part for part in value.parts if not isinstance(part, str) and constant(part) is UNKNOWN] if isinstance(value, Text) else []
    try:
        split = shlex.split(drawn, comments=False)
    except ValueError:
        split = drawn.split()
    remaining = iter(holes)
    return tuple(_word(word, remaining, is_likely(value)) for word in split)


def _word(word: str, holes: Any, likely: bool) -> Item:
    if HOLE not in word:
        return Const(word, likely)
    parts: list[str | Value] = []
    for index, piece in enumerate(word.split(HOLE)):
        if index:
            parts.append(next(holes, UNKNOWN))
        if piece:
            parts.append(piece)
    if len(parts) == 1 and not isinstance(parts[0], str):
        # A word that is nothing but a hole may be any number of words.
        return Spread(None)
    return Text(tuple(parts))


def shlex_split(arguments: Arguments) -> Value:
    """`shlex.split(command)`."""
    return Sequence(words(arguments.positional[0])) if arguments.positional else UNKNOWN


def compute(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value | None:
    """A pure function of the standard library; None when it is not one."""
    function = _FUNCTIONS.get(name)
    if function is not None:
        return function(machine, arguments, site)
    plain = _PLAIN.get(name)
    if plain is None:
        return None
    found = [constant(value) for value in arguments.positional]
    if UNKNOWN in found or arguments.open or arguments.keywords:
        return _tainted(name, arguments, site)
    try:
        result = plain(*found)
    except Exception:
        return UNKNOWN
    likely = any(is_likely(value) for value in arguments.positional)
    event = next((value.origin for value in arguments.positional if isinstance(value, Const) and value.origin), None)
    return Const(result, likely, event)


def _tainted(name: str, arguments: Arguments, site: Site) -> Value:
    """An unknown result that still remembers what it was made from."""
    from snapdoctor.app.taint import origin

    made = Made(name, arguments, site)
    return made if origin(made) is not None else UNKNOWN


def _path(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.expressions import text_of

    parts: list[str | Value] = []
    for value in arguments.positional:
        known = constant(value)
        if isinstance(known, str) and known.startswith("/"):
            parts = []
        if parts:
            parts.append("/")
        parts.append(known.rstrip("/") if isinstance(known, str) and len(known) > 1 else value)
    return text_of(parts) if parts else Const(".")


def _list(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.expressions import iterate

    return Sequence(iterate(arguments.positional[0]) if arguments.positional else (), "list", site)


def _dictionary(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.expressions import merge_into

    made = Mapping({}, arguments.open, site)
    for value in arguments.positional[:1]:
        if isinstance(value, Reference) and value.name == "os.environ":
            merge_into(made, environment.whole(machine))
        else:
            merge_into(made, value)
    made.entries.update(arguments.keywords)
    made.sites.update({key: at for key, at in arguments.sites.items() if isinstance(key, str)})
    return made


def _copy_environment(machine: Machine, arguments: Arguments, site: Site) -> Value:
    del arguments, site
    return environment.whole(machine)


def _get_environment(machine: Machine, arguments: Arguments, site: Site) -> Value:
    name = constant(arguments.get("key", 0))
    if not isinstance(name, str):
        return UNKNOWN
    return environment.read(machine, name, arguments.get("default", 1), site)


def _set_environment(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) == 2:
        environment.write(machine, arguments.positional[0], arguments.positional[1], site)
        return arguments.positional[1]
    return UNKNOWN


def _update_environment(machine: Machine, arguments: Arguments, site: Site) -> Value:
    for value in arguments.positional:
        for key, entry in environment.written_in(value) if isinstance(value, Mapping) else ():
            environment.write(machine, key, entry, site)
    for name, entry in arguments.keywords.items():
        environment.write(machine, Const(name), entry, site)
    return Const(None)


def _length(machine: Machine, arguments: Arguments, site: Site) -> Value:
    value = arguments.positional[0] if arguments.positional else UNKNOWN
    if isinstance(value, Sequence) and not any(isinstance(item, Spread) for item in value.items):
        return Const(len(value.items))
    known = constant(value)
    return Const(len(known)) if isinstance(known, (str, bytes)) else UNKNOWN


def _range(machine: Machine, arguments: Arguments, site: Site) -> Value:
    bounds = [constant(value) for value in arguments.positional]
    if all(isinstance(bound, int) for bound in bounds) and 0 < len(bounds) <= 3:
        try:
            numbers = range(*bounds)
        except ValueError:
            return UNKNOWN
        if len(numbers) <= 24:
            return Sequence(tuple(Const(number) for number in numbers))
        return Sequence((Const(numbers[0]), Spread(None)))
    return Sequence((Spread(None),))


def _pairs(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.expressions import iterate

    items = iterate(arguments.positional[0]) if arguments.positional else (Spread(None),)
    return Sequence(tuple(i if isinstance(i, Spread) else Sequence((Const(n), i), "tuple") for n, i in enumerate(items)))


def _zip(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.expressions import iterate

    runs = [iterate(value) for value in arguments.positional]
    if not runs or any(isinstance(item, Spread) for run in runs for item in run):
        return Sequence((Spread(None),))
    return Sequence(tuple(Sequence(tuple(row), "tuple") for row in zip(*runs, strict=False)))


def _get_attribute(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.attributes import attribute
    from snapdoctor.app.objects import Object

    name = constant(arguments.get("name", 1))
    if not isinstance(name, str) or not arguments.positional:
        return UNKNOWN
    holder = arguments.positional[0]
    if isinstance(holder, Object) and name not in holder.attributes and holder.of.member(name) is None:
        return arguments.positional[2] if len(arguments.positional) > 2 else UNKNOWN
    return attribute(machine, holder, name, site)


def _partial(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if not arguments.positional:
        return UNKNOWN
    rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.open)
    return Bound(arguments.positional[0], None, rest)


def _first(machine: Machine, arguments: Arguments, site: Site) -> Value:
    return arguments.positional[0] if arguments.positional else UNKNOWN


def _is_local(machine: Machine, arguments: Arguments, site: Site) -> Value:
    return Const(False)


def _instance(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) == 2 and isinstance(arguments.positional[0], Const) and isinstance(arguments.positional[1], Reference):
        wanted = arguments.positional[1].name.removeprefix("builtins.")
        return Const(type(arguments.positional[0].value).__name__ == wanted)
    return UNKNOWN


def _replace(machine: Machine, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.objects import Object

    source = arguments.positional[0] if arguments.positional else UNKNOWN
    if not isinstance(source, Object):
        return UNKNOWN
    made = Object(source.of)
    made.attributes = {**source.attributes, **arguments.keywords}
    return made


def _split(machine: Machine, arguments: Arguments, site: Site) -> Value:
    return shlex_split(arguments)


def _shell_join(machine: Machine, arguments: Arguments, site: Site) -> Value:
    return _joined(Const(" "), arguments.positional[0]) if arguments.positional else UNKNOWN


def _text(machine: Machine, arguments: Arguments, site: Site) -> Value:
    """`str(value)`: text stays text, holes included."""
    value = arguments.positional[0] if arguments.positional else Const("")
    if isinstance(value, Text):
        return value
    if isinstance(value, Const):
        return Const(str(value.value), value.likely, value.origin)
    return _tainted("builtins.str", arguments, site)


_FUNCTIONS: dict[str, Callable[[Machine, Arguments, Site], Value]] = {
    "builtins.str": _text, "pathlib.Path": _path, "pathlib.PurePosixPath": _path, "pathlib.PurePath": _path, "pathlib.PosixPath": _path, "os.path.join": _path,
    "os.fspath": _first, "builtins.list": _list, "builtins.tuple": _list, "builtins.set": _list, "builtins.sorted": _list,
    "builtins.dict": _dictionary, "copy.copy": _first, "copy.deepcopy": _first, "os.environ.copy": _copy_environment, "os.environ.get": _get_environment,
    "os.getenv": _get_environment, "os.environ.setdefault": _set_environment, "os.putenv": _set_environment,
    "os.environ.update": _update_environment, "builtins.len": _length, "builtins.range": _range, "builtins.enumerate": _pairs,
    "builtins.zip": _zip, "builtins.getattr": _get_attribute, "functools.partial": _partial, "shlex.split": _split,
    "shlex.quote": _first, "shlex.join": _shell_join, "modal.is_local": _is_local, "builtins.isinstance": _instance,
    "dataclasses.replace": _replace, "typing.cast": lambda machine, arguments, site: arguments.positional[-1] if arguments.positional else UNKNOWN,
    "os.path.expanduser": _first, "os.path.abspath": _first, "os.path.realpath": _first, "builtins.iter": _first, "builtins.reversed": _first,
}  # fmt: skip
_PLAIN: dict[str, Any] = {
    "builtins.int": int, "builtins.float": float, "builtins.bool": bool, "builtins.min": min, "builtins.max": max,
    "builtins.abs": abs, "builtins.round": round, "builtins.repr": repr, "os.path.basename": os.path.basename, "os.path.dirname": os.path.dirname,
    "builtins.bytes": bytes,
}  # fmt: skip
