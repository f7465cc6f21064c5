"""A container state as a JSON document, and the schema that it follows (shipped as `schemas/state-v1.json`)."""

from __future__ import annotations

import json
from typing import Any

from snapdoctor.container import model
from snapdoctor.container.model import VERSION, ContainerState
from snapdoctor.typed_json import Malformed, model_schema, plain, typed

MODELS = (
    model.Gap, model.File, model.MappedFile, model.Socket, model.Descriptor, model.DeviceUse, model.Cuda, model.Process, model.Mount,
    model.Gpu, model.Limits, model.Modal, model.Runtime,
)  # fmt: skip
SIZES = {
    name: {"minimum": 0}
    for name in (
        "File.size", "MappedFile.size", "MappedFile.resident", "MappedFile.dirty", "Process.resident", "Process.anonymous", "Process.shared",
        "Process.locked", "Cuda.memory", "DeviceUse.size", "Gpu.memory", "Gpu.used", "Limits.memory", "Limits.machine", "Limits.used",
    )
}  # fmt: skip


class BadState(Exception):
    """A document that is no container state of this version; the text says what is wrong with it."""


def to_json(state: ContainerState) -> str:
    """The document, one line for each process so that two can be compared by eye."""
    return json.dumps(plain(state), ensure_ascii=False, indent=1)


def from_json(text: str | bytes) -> ContainerState:
    """The state that a document holds; raises `BadState`."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadState(f"this is not JSON: {error}") from error
    return from_data(data)


def from_data(data: Any) -> ContainerState:
    """The state that plain data holds; raises `BadState`."""
    found = data.get("version") if isinstance(data, dict) else None
    if found != VERSION:
        raise BadState(f"this is no container state of version {VERSION}: its `version` is {found!r}")
    try:
        state: ContainerState = typed(ContainerState, data)
    except Malformed as error:
        raise BadState(str(error)) from error
    return state


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    narrower = {"ContainerState.version": {"const": VERSION}, **SIZES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"snapdoctor container state, version {VERSION}",
        **model_schema(ContainerState, narrower, {}),
        "$defs": {one.__name__: model_schema(one, narrower, {}) for one in MODELS},
    }
