"""Known-good starting apps, taken from the reference deployments, and the hook and configuration that go with them."""

from __future__ import annotations

import os
import re
from pathlib import Path

CONFIG = """\
# What `snapdoctor lint` holds this project to; `snapdoctor show-config` tells why each rule is on or off.
fail-on = "warning"
"""
HOOK = """\
{indent}- repo: local
{indent}  hooks:
{indent}    - id: snapdoctor
{indent}      name: snapdoctor lint
{indent}      entry: snapdoctor lint
{indent}      language: system
{indent}      types: [python]
{indent}      require_serial: true
"""


class StarterError(Exception):
    """A starter that cannot be written; the text says what to do."""


def _folder() -> Path:
    """In the installed package, or beside it in a checkout that is installed for development."""
    here = Path(__file__).parent
    shipped = here / "reference_deployments"
    return shipped if shipped.is_dir() else here.parent / "reference_deployments"


def starters() -> dict[str, Path]:
    """Engine name to the reference deployment that uses it, by the file's last words."""
    from snapdoctor.engines import ENGINES

    found = {}
    for path in sorted(_folder().glob("*.py")):
        for engine in ENGINES:
            if path.stem.endswith("_" + engine.name.replace("-", "_")):
                found[engine.name] = path
    return found


def write_app(engine: str, target: Path) -> None:
    """Write the engine's starting app; raises `StarterError` rather than touch a file that is there."""
    known = starters()
    if engine not in known:
        raise StarterError(f"there is no starting app for {engine!r}; there is one for {', '.join(known)}")
    _create(target, known[engine].read_text(encoding="utf-8").replace(known[engine].name, target.name))


def write_config(folder: Path) -> Path:
    """Write `snapdoctor.toml`; raises `StarterError` where the folder has a configuration."""
    project = folder / "pyproject.toml"
    if project.is_file() and "[tool.snapdoctor" in project.read_text(encoding="utf-8"):
        raise StarterError(f"{project} has a [tool.snapdoctor] table already")
    _create(folder / "snapdoctor.toml", CONFIG)
    return folder / "snapdoctor.toml"


def write_hook(folder: Path) -> Path:
    """Write the pre-commit hook, or add it to the hooks that are there; raises `StarterError` where it cannot be added at the end."""
    path = folder / ".pre-commit-config.yaml"
    if not path.exists():
        _create(path, "repos:\n" + HOOK.format(indent="  "))
        return path
    text = path.read_text(encoding="utf-8")
    if "snapdoctor" in text:
        raise StarterError(f"{path} names snapdoctor already")
    keys = re.findall(r"^([\w-]+):", text, re.MULTILINE)
    items = re.findall(r"^( *)- repo:", text, re.MULTILINE)
    if not keys or keys[-1] != "repos" or not items:
        raise StarterError(f"{path}: add this to its `repos` yourself:\n{HOOK.format(indent='  ')}")
    from snapdoctor.report.outputs import write

    write(path, text.rstrip("\n") + "\n" + HOOK.format(indent=items[-1]))
    return path


def _create(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise StarterError(f"{path} is there already; name another file, or move it away") from None
    except OSError as error:
        raise StarterError(f"{path}: it cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
