"""Whatever is in a file, lint answers: findings or one SNAP901, in bounded time, without running it."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from expectations import page_examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapdoctor.gate import may_be_app
from snapdoctor.linting import active_codes, lint_file

CODES = active_codes(("ALL",), ())
SOURCES = [example.source for example in page_examples()] + [
    path.read_text(encoding="utf-8") for folder in ("reference_deployments", "fixtures") for path in sorted(Path(folder).rglob("*.py"))
]
JUNK = [
    "",
    "(",
    ")",
    "]",
    "**",
    "*",
    "\\",
    "\0",
    "\ufeff",
    "lambda: ",
    "await ",
    "None",
    "self.",
    '"""',
    "f'{",
    "yield ",
    "é",
    "\t",
    "@",
    ":=",
    "...",
]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A page example or whole app with lines deleted, repeated or swapped, cut short, or with junk put in."""
    lines = draw(st.sampled_from(SOURCES)).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        if not lines:
            break
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                cut = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut] + draw(st.sampled_from(JUNK)) + lines[at][cut:]
            case _:
                lines = lines[: at + 1]
    return "".join(lines).encode("utf-8", "surrogatepass")


@given(source=mutated())
@QUICK
def test_mutated_apps_never_crash_the_linter(source: bytes, tmp_path: Path) -> None:
    """Every finding has a place inside the file; a file that cannot be parsed has exactly one."""
    path = tmp_path / "app.py"
    result = lint_file(path, CODES, source)
    height = source.count(b"\n") + source.count(b"\r") + source.count(b"\x0c") + 1
    for finding in result.findings:
        assert 1 <= finding.location.line <= height + 1
    if any(finding.rule == "SNAP901" for finding in result.findings):
        assert len(result.findings) == 1


@given(source=st.binary(max_size=300))
@QUICK
def test_any_bytes_get_an_answer(source: bytes, tmp_path: Path) -> None:
    """Behind an import of modal anything may follow."""
    lint_file(tmp_path / "app.py", CODES, b"import modal\n" + source)


@pytest.mark.parametrize("path", sorted(Path(sysconfig.get_paths()["purelib"]).glob("*/*.py"))[::97], ids=str)
def test_foreign_code_never_crashes_the_linter(path: Path, tmp_path: Path) -> None:
    """Installed packages stand for all the code there is; the gate is forced open."""
    source = b"import modal; app = modal.App()\n" + path.read_bytes().replace(b"from __future__", b"# from __future__")
    assert may_be_app(source)
    lint_file(tmp_path / path.name, CODES, source)


@pytest.mark.parametrize(
    "line",
    [
        "import modal",
        "import os, modal",
        "from modal import App",
        "import modal as m",
        "from modal.experimental import x",
        "if 1: import modal",
        "x = 1; import modal",
        "import \\\n    modal",
        "from \\\n modal import App",
        "try:\n    import modal\nexcept ImportError:\n    pass",
    ],
)
def test_gate_never_loses_an_app(line: str) -> None:
    """Every spelling of the import opens it."""
    assert may_be_app(line.encode())
