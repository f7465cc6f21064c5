"""Read `# expect: SNAP301` markers and compare them with what lint finds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from snapdoctor import catalog
from snapdoctor.linting import lint_file

MARKER = re.compile(r"#\s*expect:\s*([A-Z0-9, ]+?)\s*$")
BLOCK = re.compile(r"^```python([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A piece of source with markers."""

    name: str
    source: str
    code: str
    """The rule whose page or folder it belongs to; empty for fixtures of no single rule."""


def expected(source: str) -> set[tuple[str, int]]:
    """(code, line) of every marker; a marker alone on its line speaks of the next one."""
    found: set[tuple[str, int]] = set()
    for number, line in enumerate(source.splitlines(), 1):
        match = MARKER.search(line)
        if match is not None:
            own = number + 1 if line.lstrip().startswith("#") else number
            found |= {(code.strip(), own) for code in match[1].split(",") if code.strip()}
    return found


def reported(path: Path, codes: frozenset[str]) -> set[tuple[str, int]]:
    """(code, line) of every finding in the file itself."""
    result = lint_file(path, codes)
    return {(finding.rule, finding.location.line) for finding in result.findings if finding.location.path == str(path)}


def page_examples() -> list[Example]:
    """Every Python block of every rule page and every case file."""
    found = []
    for entry in catalog.entries():
        if not Path("rules", entry.folder, "README.md").exists():
            continue
        code = entry.rule.code
        page = entry.page()
        for number, match in enumerate(BLOCK.finditer(page), 1):
            found.append(Example(f"{code}-README-block{number}", match[2], code))
        for case in sorted(Path("rules", entry.folder, "cases").glob("*.py")):
            found.append(Example(f"{code}-{case.stem}", case.read_text(encoding="utf-8"), code))
    return found


def fixed_examples() -> list[tuple[str, str, str]]:
    """(code, block, the block marked `fixed` behind it) of every rule page that has one."""
    found = []
    for entry in catalog.entries():
        before = ""
        for match in BLOCK.finditer(entry.page()):
            if match[1].strip() == "fixed":
                found.append((entry.rule.code, before, match[2]))
            before = match[2]
    return found


def unmarked(source: str) -> str:
    """The source without its markers."""
    return re.sub(r"[ \t]*#\s*expect:[A-Z0-9, ]+$", "", source, flags=re.MULTILINE)
