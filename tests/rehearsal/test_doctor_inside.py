"""`check()` and `restored()` in an app's hooks, in Modal's own runtime, over a capture and a restore."""

from __future__ import annotations

import pytest

from snapdoctor.rehearsal.rehearse import Wanted, rehearse

APP = "fixtures/rehearsal/doctor_inside.py"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Plain", "{'found': [], 'restored': True, 'cuda': 'not used', 'differences': ['process']}"),
        ("Asynchronous", "{'found': [], 'restored': True, 'differences': 0}"),
    ],
)
def test_the_doctor_in_a_hook(name: str, said: str) -> None:
    """The restored container knows that it was restored, and which process is gone."""
    rehearsal = rehearse(Wanted(f"{APP}::{name}"))
    assert rehearsal.failure is None
    assert [answer.text for answer in rehearsal.answers] == [said, said]
