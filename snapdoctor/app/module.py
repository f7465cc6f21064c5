"""One source file: its bytes, its tree, and positions worked out only when someone asks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Unparsable(Exception):
    """A file that cannot be decoded or parsed as Python."""

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(path, line, column, message)
        self.path = path
        self.line = line
        """From 1."""
        self.column = column
        """From 1, in code points."""
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class SourceModule:
    """A parsed file. `name` is its dotted module name inside the project, as far as imports need it."""

    __slots__ = ("_positions", "_wrapped", "name", "package", "path", "source", "text", "tree")

    def __init__(self, path: str, source: bytes, name: str, package: str) -> None:
        """Parse `source`; raises `Unparsable`."""
        self.path = path
        self.source = source
        self.name = name
        self.package = package
        """Dotted name of the package that relative imports start from."""
        self.tree = _parse(path, source)
        self._positions: Mapping[cst.CSTNode, object] | None = None

    def position(self, node: cst.CSTNode) -> tuple[int, int, int, int]:
        """Line, column, end line, end column of a node: lines and columns from 1, the end exclusive."""
        if self._positions is None:
            wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
            self._positions = wrapper.resolve(PositionProvider)
        found = self._positions.get(node)
        if not isinstance(found, CodeRange):
            return (1, 1, 1, 1)
        return (found.start.line, found.start.column + 1, found.end.line, found.end.column + 1)


def _parse(path: str, source: bytes) -> cst.Module:
    try:
        return cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise Unparsable(path, *_syntax_error(source, error)) from error
    except (UnicodeError, LookupError) as error:
        raise Unparsable(path, 1, 1, f"the file is not valid text in its declared encoding: {error}") from error
    except RecursionError as error:
        raise Unparsable(path, 1, 1, "the file is nested too deeply to be read") from error
    except Exception as error:  # libcst's native parser raises bare exceptions on some malformed bytes
        raise Unparsable(path, 1, 1, f"the file could not be parsed: {error}") from error


def _syntax_error(source: bytes, error: cst.ParserSyntaxError) -> tuple[int, int, str]:
    """Prefer CPython's words and place: they are the ones people know."""
    try:
        ast.parse(source)
    except SyntaxError as known:
        return (known.lineno or error.raw_line, max(known.offset or 1, 1), known.msg)
    except (ValueError, RecursionError, MemoryError):
        pass
    return (error.raw_line, error.raw_column + 1, error.message)


def read_module(path: Path, shown: str, name: str, package: str) -> SourceModule:
    """Read and parse a file; raises `OSError` or `Unparsable`."""
    return SourceModule(shown, path.read_bytes(), name, package)
