"""Models as JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapdoctor.container.model import Gap
from snapdoctor.finding import Finding
from snapdoctor.typed_json import Malformed, plain, typed


@given(st.from_type(Finding))
def test_findings_survive(finding: Finding) -> None:
    """Severities and confidences are words there, and come back as what they were."""
    assert typed(Finding, json.loads(json.dumps(plain(finding)))) == finding


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"subject": "gpu", "pid": None}, "the field why is missing"),
        ({"subject": "gpu", "pid": None, "why": "x", "more": 1}, "the field more is unknown"),
        ({"subject": "gpu", "pid": "1", "why": "x"}, "pid: expected int, found '1'"),
        ({"subject": "gpu", "pid": True, "why": "x"}, "pid: expected int, found True"),
        ([], "expected an object"),
    ],
)
def test_what_does_not_fit_is_named(data: object, said: str) -> None:
    """With its place."""
    with pytest.raises(Malformed, match=said):
        typed(Gap, data)


def test_words_and_lists_that_do_not_fit() -> None:
    """An unknown severity, and something that is no list."""
    with pytest.raises(Malformed, match=r"severity: expected one of advice, warning, error"):
        typed(Finding, {**plain(example()), "severity": "fatal"})
    with pytest.raises(Malformed, match=r"evidence: expected a list"):
        typed(Finding, {**plain(example()), "evidence": 3})


def example() -> Finding:
    from snapdoctor.finding import Confidence, Severity

    return Finding("SNAP301", "mapped-weights", Severity.WARNING, Confidence.CERTAIN, "m", "h", (), None)
