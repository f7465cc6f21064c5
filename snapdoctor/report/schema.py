"""The JSON schema of a report, made from the models that it describes; shipped as `schemas/findings-v1.json`."""

from __future__ import annotations

import types
import typing
from enum import Enum
from typing import Any

from snapdoctor import finding
from snapdoctor.finding import Confidence, Severity
from snapdoctor.report.json import VERSION

COMMANDS = ("lint", "probe", "rehearse", "diagnose", "checkup")
# What a field's type does not say.
NARROWER: dict[str, dict[str, Any]] = {
    "Finding.rule": {"pattern": "^SNAP[0-9]{3}$"},
    "Finding.message": {"minLength": 1},
    "Finding.help": {"minLength": 1},
    "Evidence.grade": {"enum": ["measured", "source", "documented", "reported"]},
    "Fix.safety": {"enum": ["safe", "unsafe"]},
    "Location.line": {"minimum": 1},
    "Location.column": {"minimum": 1},
    "Location.end_line": {"minimum": 1},
    "Location.end_column": {"minimum": 1},
    "Edit.start": {"minimum": 0},
    "Edit.end": {"minimum": 0},
}
DESCRIBED = {
    "Location": "Lines and columns count from 1, columns in code points; the end is exclusive.",
    "Edit": "Replace the code points `start` to `end` (offsets from 0, a byte order mark not counted) of the file by `text`.",
}


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    counts = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
    summary = {"total": {"type": "integer", "minimum": 0}, "by_severity": counts, "by_rule": counts}
    held = {"version": {"const": VERSION}, "command": {"enum": list(COMMANDS)}, "findings": _of_type(tuple[finding.Finding, ...], "")}
    definitions = [finding.Finding, finding.Evidence, finding.Fix, finding.Edit, finding.Location, finding.Related]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"snapdoctor findings, version {VERSION}",
        **_object({**held, "summary": _object(summary)}),
        "$defs": {one.__name__: _of_model(one) for one in definitions},
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


def _of_model(model: type) -> dict[str, Any]:
    hints = typing.get_type_hints(model)
    made = _object({name: _of_type(hint, f"{model.__name__}.{name}") for name, hint in hints.items()})
    described = DESCRIBED.get(model.__name__)
    return {"description": described, **made} if described is not None else made


def _of_type(hint: Any, field: str) -> dict[str, Any]:
    narrower = NARROWER.get(field, {})
    if hint is Severity:
        return {"enum": [severity.label for severity in sorted(Severity, reverse=True)]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [one.value for one in Confidence]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of_type(typing.get_args(hint)[0], "")}
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = next(one for one in typing.get_args(hint) if one is not type(None))
        return {"anyOf": [_of_type(inner, field), {"type": "null"}]}
    if hint is str:
        return {"type": "string", **narrower}
    if hint is int:
        return {"type": "integer", **narrower}
    return {"$ref": f"#/$defs/{hint.__name__}"}
