"""What we know of each engine: how it is recognised, in a command or in a call. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.engines.recognition import (
    control_purpose,
    http_purpose,
    inference_methods,
    is_helper_program,
    load_device,
    load_model,
    recognise_launch,
    recognise_load,
)
from snapdoctor.engines.registry import BY_NAME, ENGINES

if TYPE_CHECKING:
    from snapdoctor.engines.engine import Engine


def engine_named(name: str) -> Engine:
    """The engine of this name; raises `KeyError` for a name that no engine has."""
    return BY_NAME[name]


__all__ = [
    "ENGINES",
    "control_purpose",
    "engine_named",
    "http_purpose",
    "inference_methods",
    "is_helper_program",
    "load_device",
    "load_model",
    "recognise_launch",
    "recognise_load",
]
