"""The JSON schema of a report, made from the models that it describes; shipped as `schemas/findings-v1.json`."""

from __future__ import annotations

from typing import Any

from snapdoctor import finding
from snapdoctor.evidence import ORDER, Entry
from snapdoctor.report import rehearsal_json
from snapdoctor.report.json import VERSION
from snapdoctor.typed_json import model_schema, models, object_schema, type_schema

COMMANDS = ("lint", "probe", "rehearse", "diagnose", "checkup")
# What a field's type does not say.
NARROWER: dict[str, dict[str, Any]] = {
    "Entry.status": {"enum": list(ORDER)},
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
    **rehearsal_json.NARROWER,
}
DESCRIBED = {
    "Entry": "Of a checkup: one hazard with all its evidence.",
    "Location": "Lines and columns count from 1, columns in code points; the end is exclusive.",
    "Edit": "Replace the code points `start` to `end` (offsets from 0, a byte order mark not counted) of the file by `text`.",
    "ProcessPlace": "A process of a container, and what it holds that the finding is about.",
}


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    counts = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
    summary = {"total": {"type": "integer", "minimum": 0}, "by_severity": counts, "by_rule": counts}
    held = {
        "version": {"const": VERSION},
        "command": {"enum": list(COMMANDS)},
        "findings": type_schema(tuple[finding.Finding, ...], NARROWER),
    }
    rehearsal = rehearsal_json.fields()
    definitions = dict.fromkeys(one for hint in (Entry, *rehearsal.values()) for one in models(hint))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"snapdoctor findings, version {VERSION}",
        "type": "object",
        "required": [*held, "summary"],
        "additionalProperties": False,
        "properties": {
            **held,
            "summary": object_schema(summary),
            "entries": type_schema(tuple[Entry, ...], NARROWER),
            "rehearsal": {
                "description": rehearsal_json.DESCRIBED,
                **object_schema({name: type_schema(hint, NARROWER, f"Rehearsal.{name}") for name, hint in rehearsal.items()}),
            },
        },
        "$defs": {one.__name__: model_schema(one, NARROWER, DESCRIBED) for one in definitions},
    }
