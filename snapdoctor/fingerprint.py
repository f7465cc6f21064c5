"""A finding's identity that outlives edits above it, renamed variables and reformatting, but not a change of what it points at."""

from __future__ import annotations

import ast
import hashlib
import tokenize
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from snapdoctor.finding import Finding, Location

LENGTH = 24


def fingerprints(findings: Sequence[Finding], text_of: Callable[[str], str | None], path_of: Callable[[str], str]) -> tuple[str, ...]:
    """One hexadecimal word for each finding, in order: rule, path, enclosing name, normalised source, and which of several equal ones it is.

    `text_of` gives a file's text by its path as reported, None where it has none; `path_of` the path that goes into the identity.
    """
    trees: dict[str, ast.Module | None] = {}
    seen: dict[tuple[str, ...], int] = {}
    made = []
    for finding in findings:
        if finding.location is None:
            made.append(_numbered((finding.rule, *_of_process(finding)), seen))
            continue
        path = finding.place.path
        text = text_of(path)
        if path not in trees:
            trees[path] = _parsed(text)
        enclosing, source = _described(trees[path], text or "", finding.place)
        key = (finding.rule, path_of(path), enclosing, source)
        made.append(_numbered(key, seen))
    return tuple(made)


def _numbered(key: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> str:
    seen[key] = seen.get(key, 0) + 1
    return hashlib.sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def _of_process(finding: Finding) -> tuple[str, str]:
    """What stays the same from one container to the next: the command and the subject, not the process id."""
    return ("", "") if finding.process is None else (finding.process.command, finding.process.subject)


def _parsed(text: str | None) -> ast.Module | None:
    try:
        return ast.parse(text) if text is not None else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def _described(tree: ast.Module | None, text: str, place: Location) -> tuple[str, str]:
    """The qualified name around a place, and its source without formatting and with its variables numbered."""
    lines = text.splitlines()
    node, names = _found(tree, place, lines) if tree is not None else (None, ())
    if node is not None:
        return ".".join(names), "".join(_normal(node, {}))
    return ".".join(names), " ".join(_tokens("\n".join(lines[place.line - 1 : place.end_line])))


def _found(tree: ast.Module, place: Location, lines: list[str]) -> tuple[ast.AST | None, tuple[str, ...]]:
    """The node that covers exactly this place, and the classes and functions around it."""
    wanted = (place.line, _bytes(lines, place.line, place.column), place.end_line, _bytes(lines, place.end_line, place.end_column))
    stack: list[tuple[ast.AST, tuple[str, ...]]] = [(tree, ())]
    around: tuple[str, ...] = ()
    while stack:
        node, names = stack.pop()
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= place.line <= (node.end_lineno or first):
                names = (*names, node.name)
                around = max(around, names, key=len)
        span = (
            getattr(node, "lineno", 0),
            getattr(node, "col_offset", -1),
            getattr(node, "end_lineno", 0),
            getattr(node, "end_col_offset", -1),
        )
        if span == wanted:
            return node, names
        stack += [(child, names) for child in ast.iter_child_nodes(node)]
    return None, around


def _bytes(lines: list[str], line: int, column: int) -> int:
    """A column as `ast` counts it: bytes of UTF-8 from 0."""
    return len(lines[line - 1][: column - 1].encode("utf-8", "surrogatepass")) if 0 < line <= len(lines) else -1


def _normal(node: object, names: dict[str, str]) -> Iterator[str]:
    """The tree as text; every name but attributes and keywords becomes the number of its first appearance."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        # What stands in a body changes for reasons of its own; the finding is about the definition.
        yield f"{type(node).__name__} {node.name}"
        return
    if isinstance(node, ast.Name):
        yield names.setdefault(node.id, f"${len(names)}")
    elif isinstance(node, ast.AST):
        yield f"{type(node).__name__}("
        for field, value in ast.iter_fields(node):
            if value not in (None, []) and field not in ("ctx", "kind", "type_comment"):
                yield f"{field}="
                yield from _normal(value, names)
        yield ")"
    elif isinstance(node, list):
        for item in node:
            yield from _normal(item, names)
            yield ","
    else:
        yield repr(node)


def _tokens(text: str) -> list[str]:
    try:
        return [
            token.string
            for token in tokenize.generate_tokens(StringIO(text).readline)
            if token.string.strip() and token.type != tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        return text.split()
