"""The engines: every module of this package that holds an `ENGINE`. A new engine is a new file."""

from __future__ import annotations

import importlib
import os

from snapdoctor.engines.engine import Engine

MECHANISM = ("__init__", "engine", "version", "registry", "recognition", "command", "model_size")


def _engines() -> tuple[Engine, ...]:
    folder = os.path.dirname(__file__)
    names = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py") and name[:-3] not in MECHANISM)
    found: list[Engine] = [importlib.import_module(f"snapdoctor.engines.{name}").ENGINE for name in names]
    return tuple(found)


ENGINES = _engines()
BY_NAME = {engine.name: engine for engine in ENGINES}
