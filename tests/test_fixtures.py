"""Whole apps: the naive ones get the article's diagnosis and nothing else, the reference deployments none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from expectations import expected, reported

from snapdoctor.linting import active_codes

NAIVE = sorted(Path("fixtures/naive").glob("*.py"))
REFERENCE = sorted(Path("reference_deployments").glob("*.py"))
SHAPES = sorted(
    path
    for path in Path("fixtures/shapes").rglob("*.py")
    if "# expect" in path.read_text(encoding="utf-8") or "# clean" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", NAIVE, ids=lambda path: path.stem)
def test_naive_app_gets_the_article_s_diagnosis(path: Path) -> None:
    """Every finding of every default rule stands where the file marks it."""
    assert reported(path, active_codes((), ())) == expected(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SHAPES, ids=str)
def test_shape_is_understood(path: Path) -> None:
    """Odd but real ways to write an app lead to the same findings as plain ones."""
    assert reported(path, active_codes((), ())) == expected(path.read_text(encoding="utf-8"))


def test_reference_deployments_lint_clean() -> None:
    """The command a user would type finds nothing, at the strictest threshold."""
    command = [sys.executable, "-m", "snapdoctor", "lint", "reference_deployments", "--fail-on", "advice", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "No findings in 4 Modal apps (4 files looked at).\n"), done.stdout + done.stderr


@pytest.mark.parametrize("path", [*REFERENCE, *NAIVE], ids=str)
def test_app_imports_under_modal(path: Path) -> None:
    """Modal itself accepts every decorator and option; no account, no network."""
    program = f"import runpy; found = runpy.run_path({str(path)!r}); assert any(type(value).__name__ == 'App' for value in found.values())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
