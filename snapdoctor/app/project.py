"""The project around an app: where its own modules, Dockerfiles and scripts lie, and which of them were read."""

from __future__ import annotations

import os
from pathlib import Path

from snapdoctor.app.module import SourceModule, Unparsable, read_module

ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
SEARCH_DEPTH = 6
LARGEST = 2_000_000
MOST_MODULES = 60
MOST_BYTES = 600_000


class Project:
    """The files that may belong to one app, found from the app's own place upwards."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self.path = path
        self.root = root or _root_of(path)
        self.read: dict[str, bytes] = {}
        """Every file read for this app, by the path it is shown under: what a cache entry depends on."""
        self.given: dict[str, bytes] = {}
        """Contents handed in by the caller, read already or never saved (standard input)."""
        self.missing: set[str] = set()
        """Places looked at in vain; a file appearing there changes the reading."""
        self._modules: dict[str, SourceModule | None] = {}
        self._bytes = 0

    def main(self) -> SourceModule:
        """Read the app's own file; raises `OSError` or `Unparsable`."""
        name, package = self._name_of(self.path)
        shown = str(self.path)
        module = (
            SourceModule(shown, self.given[shown], name, package) if shown in self.given else read_module(self.path, shown, name, package)
        )
        self.read[str(self.path)] = module.source
        self._modules[str(self.path)] = module
        return module

    def module(self, dotted: str) -> SourceModule | None:
        """The project's module of this dotted name, or None when the project has none."""
        for folder in self._search_path():
            found = self._file_of(folder, dotted)
            if found is not None:
                return self._load(found)
        return None

    def is_package(self, dotted: str) -> bool:
        """Whether the dotted name is a folder of the project that could hold modules."""
        parts = dotted.split(".")
        return any(folder.joinpath(*parts).is_dir() for folder in self._search_path())

    def text_file(self, relative: str, near: str) -> tuple[str, str] | None:
        """A text file named in the source: (shown path, text), looked up beside the source file and upwards to the root."""
        if not relative or "\0" in relative:
            return None
        for folder in (Path(near).parent, *self._search_path()):
            candidate = folder / relative
            try:
                if candidate.is_file() and candidate.stat().st_size < LARGEST:
                    data = candidate.read_bytes()
                    self.read[str(candidate)] = data
                    return str(candidate), data.decode("utf-8", "replace")
            except OSError:
                continue
            self.missing.add(str(candidate))
        return None

    def _load(self, path: Path) -> SourceModule | None:
        key = str(path)
        if key not in self._modules:
            name, package = self._name_of(path)
            try:
                module = read_module(path, _shown(path, self.path), name, package) if self._affordable(path) else None
            except (OSError, Unparsable):
                module = None
            self._modules[key] = module
            if module is not None:
                self.read[key] = module.source
        return self._modules[key]

    def _affordable(self, path: Path) -> bool:
        """An app that pulls in a whole library of its project is not followed to its end: what is left is unknown."""
        size = path.stat().st_size
        self._bytes += size
        return len(self._modules) < MOST_MODULES and self._bytes < MOST_BYTES

    def _search_path(self) -> list[Path]:
        folders = []
        folder = self.path.parent
        for _ in range(SEARCH_DEPTH):
            folders.append(folder)
            source = folder / "src"
            if folder != self.path.parent and source.is_dir():
                folders.append(source)
            if folder == self.root or folder.parent == folder:
                break
            folder = folder.parent
        return folders

    def _file_of(self, folder: Path, dotted: str) -> Path | None:
        base = folder.joinpath(*dotted.split("."))
        for candidate in (base.with_name(base.name + ".py"), base / "__init__.py"):
            if candidate.is_file():
                return candidate
            self.missing.add(str(candidate))
        return None

    def _name_of(self, path: Path) -> tuple[str, str]:
        """Dotted name and package, from the topmost folder of the chain that has `__init__.py` (or the project's root)."""
        parts: list[str] = []
        folder = path.parent.resolve()
        root = self.root.resolve()
        while folder != root and folder.parent != folder:
            parts.insert(0, folder.name)
            folder = folder.parent
        package = ".".join(parts)
        if path.name == "__init__.py":
            return package, package
        return (f"{package}.{path.stem}" if package else path.stem), package


def _root_of(path: Path) -> Path:
    folder = path.parent if str(path.parent) else Path()
    absolute = folder.resolve()
    for candidate in (absolute, *absolute.parents):
        if any((candidate / mark).exists() for mark in ROOT_MARKS):
            return candidate
        if candidate == Path.home():
            break
    return absolute


def _shown(path: Path, beside: Path) -> str:
    """Show an imported file the way the app's own path was given: relative stays relative."""
    if beside.is_absolute():
        return str(path)
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)
