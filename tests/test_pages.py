"""A rule's page is its specification: what it shows is what lint says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expectations import Example, expected, page_examples, reported

from snapdoctor.lint import active_codes, lint_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("example", page_examples(), ids=lambda example: example.name)
def test_example_says_what_lint_says(example: Example, tmp_path: Path) -> None:
    """Findings of the page's rule stand exactly where the example marks them."""
    path = tmp_path / "app.py"
    path.write_text(example.source, encoding="utf-8")
    wanted = expected(example.source)
    compared = {example.code} | {code for code, _ in wanted}
    found = reported(path, active_codes((), (), tuple(compared)))
    assert {finding for finding in found if finding[0] in compared} == wanted


@pytest.mark.parametrize("example", page_examples(), ids=lambda example: example.name)
def test_messages_are_whole_sentences(example: Example, tmp_path: Path) -> None:
    """Message and help start with a capital or code, end with a full stop, and never show the hole of an unknown value."""
    path = tmp_path / "app.py"
    path.write_text(example.source, encoding="utf-8")
    for finding in lint_file(path, active_codes(("ALL",), ())).findings:
        for text in (finding.message, finding.help):
            assert text.endswith((".", "?")), text
            assert not text.endswith("..") or text.endswith("..."), text
            assert "\0" not in text, text
