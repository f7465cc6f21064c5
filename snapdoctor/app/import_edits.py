"""Edits of a file's imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.span import Text
from snapdoctor.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.module import SourceModule

# Modules of the standard library that the statements of fixes use.
USED = ("json", "time", "urllib.request")


def imports(module: SourceModule, name: str) -> bool:
    """Whether the file imports a module by its own name at its top."""
    return any(found == name for _, found in _plain_imports(module))


def imports_added(module: SourceModule, lines: list[str]) -> tuple[Edit, ...] | None:
    """The imports that these statements need and the file lacks, in their alphabetical places; None where the file has no import to stand by."""
    text = "\n".join(lines)
    missing = [name for name in USED if f"{name}." in text and not imports(module, name)]
    made = [_added(module, name) for name in missing]
    return None if None in made else tuple(edit for edit in made if edit is not None)


def _added(module: SourceModule, name: str) -> Edit | None:
    """One import among the first run of `import` lines, or before the first import of any kind."""
    text = Text(module)
    run = list(_first_run(module))
    if not run:
        anywhere = next((line for line in module.tree.body if _is_import(line) and not _is_future(line)), None)
        if anywhere is None:
            return None
        at = text.line_start(text.span(anywhere).start)
        return Edit(module.path, at, at, f"import {name}{text.newline}")
    following = next((line for line, other in run if other > name), None)
    if following is not None:
        at = text.line_start(text.span(following).start)
        return Edit(module.path, at, at, f"import {name}{text.newline}")
    end = text.span(run[-1][0]).end
    return Edit(module.path, end, end, f"{text.newline}import {name}")


def _first_run(module: SourceModule) -> Iterator[tuple[cst.SimpleStatementLine, str]]:
    """The first `import` lines that follow each other without a blank line."""
    names = {id(line): name for line, name in _plain_imports(module)}
    started = False
    for line in module.tree.body:
        if isinstance(line, cst.SimpleStatementLine) and id(line) in names and not (started and line.leading_lines):
            started = True
            yield line, names[id(line)]
        elif started:
            return


def _plain_imports(module: SourceModule) -> Iterator[tuple[cst.SimpleStatementLine, str]]:
    for line in module.tree.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for statement in line.body:
            if isinstance(statement, cst.Import):
                for alias in statement.names:
                    if alias.asname is None:
                        yield line, cst.Module([]).code_for_node(alias.name)


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and any(isinstance(part, (cst.Import, cst.ImportFrom)) for part in line.body)


def _is_future(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and any(
        isinstance(part, cst.ImportFrom) and isinstance(part.module, cst.Name) and part.module.value == "__future__" for part in line.body
    )
