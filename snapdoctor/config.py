"""Configuration: `[tool.snapdoctor]` in pyproject.toml, or snapdoctor.toml; the nearest one counts."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from snapdoctor.finding import Severity

KEYS = ("select", "ignore", "extend-select", "fail-on", "exclude", "per-file-ignores", "baseline")
THRESHOLDS = {"error": Severity.ERROR, "warning": Severity.WARNING, "advice": Severity.ADVICE, "never": None}


class ConfigError(Exception):
    """A configuration file that cannot be used; the text names file, key and what was expected."""


class Config(NamedTuple):
    """What a run is asked to do."""

    select: tuple[str, ...] = ()
    """Empty: every rule that is on by default."""
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    fail_on: str = "warning"
    exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    baseline: str | None = None
    """The baseline file, from the folder of the configuration."""
    source: str | None = None
    """The file it was read from."""


def load(start: Path) -> Config:
    """The configuration nearest to `start`, up to the root of its repository; raises `ConfigError`."""
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        own = candidate / "snapdoctor.toml"
        if own.is_file():
            return _parse(own, _toml(own))
        project = candidate / "pyproject.toml"
        if project.is_file() and b"tool.snapdoctor" in project.read_bytes():
            table = _toml(project).get("tool", {}).get("snapdoctor")
            if table is not None:
                return _parse(project, table)
        if (candidate / ".git").exists():
            break
    return Config()


def schema() -> dict[str, Any]:
    """The JSON schema of the table, as editors use it; shipped as `schemas/config-v1.json`."""
    words = {"type": "array", "items": {"type": "string"}}
    rules = {**words, "description": "Codes, prefixes such as SNAP3, names, or ALL."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "snapdoctor configuration, version 1: snapdoctor.toml, or [tool.snapdoctor] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "select": {**rules, "title": "Only these rules"},
            "ignore": {**rules, "title": "Not these rules"},
            "extend-select": {**rules, "title": "These rules too, beside those that are on by default"},
            "fail-on": {"enum": list(THRESHOLDS), "default": "warning", "title": "Exit 1 from this severity on"},
            "exclude": {**words, "title": "File patterns and folders to leave out"},
            "per-file-ignores": {"type": "object", "additionalProperties": rules, "title": "File patterns to rules that are ignored there"},
            "baseline": {"type": "string", "title": "The baseline file, from the folder of this configuration"},
        },
    }


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with path.open("rb") as file:
            table: dict[str, Any] = tomllib.load(file)
            return table
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{_shown(path)}: this is not valid TOML: {error}") from error


def _parse(path: Path, table: dict[str, Any]) -> Config:
    for key in table:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            raise ConfigError(f"{_shown(path)}: unknown key {key!r}{_hint(near)}")
    fail_on = table.get("fail-on", "warning")
    if fail_on not in THRESHOLDS:
        raise ConfigError(f"{_shown(path)}: fail-on must be one of {', '.join(THRESHOLDS)}, not {fail_on!r}")
    ignores = table.get("per-file-ignores", {})
    if not isinstance(ignores, dict):
        raise ConfigError(f"{_shown(path)}: per-file-ignores must be a table of file patterns to lists of rules")
    return Config(
        _strings(path, table, "select"),
        _strings(path, table, "ignore"),
        _strings(path, table, "extend-select"),
        fail_on,
        _strings(path, table, "exclude"),
        tuple((pattern, _strings(path, ignores, pattern)) for pattern in ignores),
        _file(path, table, "baseline"),
        str(path),
    )


def _strings(path: Path, table: dict[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{_shown(path)}: {key} must be a list of strings, not {value!r}")
    return tuple(value)


def _file(path: Path, table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConfigError(f"{_shown(path)}: {key} must be the path of a file, not {value!r}")
    return os.path.relpath(path.parent / value)


def _shown(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown


def _hint(near: list[str]) -> str:
    return f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(KEYS)}"
