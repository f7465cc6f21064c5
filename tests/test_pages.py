"""A rule's page is its specification: what it shows is what lint says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expectations import Example, expected, fixed_examples, page_examples, reported, unmarked

from snapdoctor import catalog
from snapdoctor.fixing import fixed
from snapdoctor.linting import active_codes, lint_file

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


@pytest.mark.parametrize(("code", "before", "after"), fixed_examples(), ids=lambda value: value if str(value).startswith("SNAP") else "")
def test_fixed_block_is_what_the_fix_makes(code: str, before: str, after: str, tmp_path: Path) -> None:
    """The block marked `fixed` is the one before it after `--fix --unsafe-fixes`, markers aside, and a second run changes nothing."""
    path = tmp_path / "app.py"
    path.write_text(before, encoding="utf-8")
    made = fixed(path, frozenset({code}), before.encode(), unsafe=True)
    assert unmarked(made.after.decode()) == unmarked(after)
    assert fixed(path, frozenset({code}), made.after, unsafe=True).after == made.after


def test_every_fix_is_shown_on_its_page() -> None:
    """A rule with a fix shows what it writes."""
    shown = {code for code, _, _ in fixed_examples()}
    assert {entry.rule.code for entry in catalog.entries() if entry.fix() is not None} <= shown
