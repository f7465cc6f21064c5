"""A rule's page is its specification: what it shows is what lint says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expectations import Example, expected, page_examples, reported

from snapdoctor.lint import active_codes

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
