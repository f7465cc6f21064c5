"""Models (named tuples) as JSON and back, and the JSON schema that describes them."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from enum import Enum, IntEnum
from functools import cache
from typing import Any


class Malformed(Exception):
    """Data that does not have the form of its model; the text names the field."""


def plain(value: Any) -> Any:
    """A model as data that `json.dumps` takes: an object for each named tuple, a list for each tuple, the word for each enumeration."""
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: plain(getattr(value, name)) for name in value._fields}
        return [plain(item) for item in value]
    return value


def typed(kind: Any, data: Any, where: str = "") -> Any:
    """The model of this type from data; raises `Malformed`."""
    origin, parts = _parts(kind)
    if origin in (typing.Union, types.UnionType):
        inner = next(one for one in parts if one is not type(None))
        return None if data is None else typed(inner, data, where)
    if origin is tuple:
        return _items(parts, data, where)
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        return _model(kind, data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _word(kind, data, where)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise Malformed(f"{where or 'the document'}: expected {kind.__name__}, found {_shown(data)}")
    return data


def _items(kinds: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise Malformed(f"{where or 'the document'}: expected a list, found {_shown(data)}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(typed(kinds[0], item, f"{where}[{index}]") for index, item in enumerate(data))
    if len(data) != len(kinds):
        raise Malformed(f"{where}: expected {len(kinds)} items, found {len(data)}")
    return tuple(typed(one, item, f"{where}[{index}]") for index, (one, item) in enumerate(zip(kinds, data, strict=True)))


def _model(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise Malformed(f"{where or 'the document'}: expected an object, found {_shown(data)}")
    hints = _hints(kind)
    if data.keys() != hints.keys():
        unknown = sorted(set(data) - set(hints))
        missing = [name for name in hints if name not in data]
        word, name = ("missing", missing[0]) if missing else ("unknown", unknown[0])
        raise Malformed(f"{where or 'the document'}: the field {name} is {word}")
    before = f"{where}." if where else ""
    return kind(**{name: typed(hint, data[name], before + name) for name, hint in hints.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return typing.get_origin(kind), typing.get_args(kind)


def _word(kind: type[Enum], data: Any, where: str) -> Enum:
    words = {plain(one): one for one in kind}
    if not isinstance(data, str) or data not in words:
        raise Malformed(f"{where or 'the document'}: expected one of {', '.join(words)}, found {_shown(data)}")
    return words[data]


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 40 else f"{text[:37]}..."


def models(hint: Any) -> tuple[type, ...]:
    """Every model that a type is made of, each once, in the order in which they are come upon."""
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        inner = [one for field in _hints(hint).values() for one in models(field)]
        return tuple(dict.fromkeys([hint, *inner]))
    return tuple(dict.fromkeys(one for part in typing.get_args(hint) for one in models(part)))


def object_schema(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these properties."""
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


def model_schema(model: type, narrower: dict[str, dict[str, Any]], described: dict[str, str]) -> dict[str, Any]:
    """The schema of a model: `narrower` says what the type of `Model.field` does not, `described` explains whole models."""
    made = object_schema(
        {name: type_schema(hint, narrower, f"{model.__name__}.{name}") for name, hint in typing.get_type_hints(model).items()}
    )
    return {"description": described[model.__name__], **made} if model.__name__ in described else made


def type_schema(hint: Any, narrower: dict[str, dict[str, Any]], field: str = "") -> dict[str, Any]:
    """The schema of one type; models are referred to as `#/$defs/NAME`."""
    more = narrower.get(field, {})
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return {"enum": [one.name.lower() for one in sorted(hint, reverse=True)]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [one.value for one in hint]}
    if typing.get_origin(hint) is tuple:
        kinds = typing.get_args(hint)
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            return {"type": "array", "items": type_schema(kinds[0], narrower), **more}
        return {
            "type": "array",
            "prefixItems": [type_schema(one, narrower) for one in kinds],
            "minItems": len(kinds),
            "maxItems": len(kinds),
        }
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = next(one for one in typing.get_args(hint) if one is not type(None))
        return {"anyOf": [type_schema(inner, narrower, field), {"type": "null"}]}
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number")):
        if hint is kind:
            return {"type": name, **more}
    return {"$ref": f"#/$defs/{hint.__name__}"}
