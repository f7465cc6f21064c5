"""The Python interface."""

from __future__ import annotations

from pathlib import Path

import pytest

import snapdoctor
from snapdoctor.catalog import CatalogError
from snapdoctor.discovery import MissingPath
from snapdoctor.finding import Severity

NAIVE = Path("fixtures/naive/gemma_4_26b_llama_server.py")


def test_lint_returns_findings() -> None:
    """Of files and folders, with the command line's words for rules."""
    found = snapdoctor.lint(NAIVE)
    assert [finding.rule for finding in found] == ["SNAP202", "SNAP401", "SNAP301"]
    assert found[0].severity is Severity.ERROR
    assert {finding.rule for finding in snapdoctor.lint(NAIVE.parent, select=["SNAP3"])} == {"SNAP301", "SNAP302", "SNAP303"}
    assert snapdoctor.lint("reference_deployments") == ()


def test_lint_says_what_it_cannot_do() -> None:
    """By exceptions of its own."""
    with pytest.raises(MissingPath):
        snapdoctor.lint("no/such/file.py")
    with pytest.raises(CatalogError):
        snapdoctor.lint(NAIVE, select=["SNAP99"])


def test_diagnose_takes_text_bytes_and_files(tmp_path: Path) -> None:
    """The cause comes first."""
    text = "Transient snapshot error: failed to restore container from snapshot with exit code 1\nnvproxy.uvmFD is not saveable\n"
    log = tmp_path / "a.log"
    log.write_text(text)
    with log.open() as as_text, log.open("rb") as as_bytes:
        for lines in (text.splitlines(keepends=True), as_text, as_bytes):
            assert [(one.rule, one.location.line) for one in snapdoctor.diagnose(lines)] == [("SNAP203", 2), ("SNAP802", 1)]


def test_the_modules_stay_behind_the_functions() -> None:
    """Importing the command line does not put a module in the place of a function."""
    import snapdoctor.cli.diagnose
    import snapdoctor.cli.lint

    assert callable(snapdoctor.lint)
    assert callable(snapdoctor.diagnose)


def test_probe_looks_at_a_tree() -> None:
    """Of any process, with the command line's words for rules; one that is not there is an exception of its own."""
    import os

    from snapdoctor import LookFailed

    assert isinstance(snapdoctor.probe(os.getpid(), select=["SNAP3"]), tuple)
    with pytest.raises(LookFailed, match="there is no process 99999999"):
        snapdoctor.probe(99999999)
