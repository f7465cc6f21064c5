"""What is known of runtimes: placed by what they show, asked by month, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapdoctor.container.model import Runtime
from snapdoctor.container.runtimes import (
    CRIU,
    DELETED_FILE,
    GVISOR,
    INHERITED_GPU_DEVICE,
    IO_URING,
    LOOPBACK_CONNECTION,
    OLDEST,
    OUTSIDE_CONNECTION,
    REFUSALS,
    SIGNS,
    TRACED,
    WATCHED_TCP,
    refusal,
    refused,
)

GENERATIONS = sorted({OLDEST, *(month for month, _ in SIGNS)})
THINGS = sorted({entry.thing for entry in REFUSALS})


def gvisor(generation: str) -> Runtime:
    return Runtime("gvisor", "4.4.0", generation, "", "x86_64")


@pytest.mark.parametrize(
    ("thing", "answers"),
    [
        (IO_URING, dict.fromkeys(GENERATIONS, True)),
        (DELETED_FILE, {"2022-12": True, "2023-12": True, "2024-11": None, "2025-11": False, "2026-08": False, "": None}),
        (WATCHED_TCP, {"2022-12": True, "2023-01": None, "2023-12": False, "2026-08": False}),
        (OUTSIDE_CONNECTION, {"2022-12": True, "2023-12": None, "2024-11": False, "2026-08": False}),
        (INHERITED_GPU_DEVICE, {"2025-11": True, "2026-01": True, "2026-05": None, "2026-08": False, "": None}),
        (LOOPBACK_CONNECTION, dict.fromkeys(GENERATIONS, False)),
        (TRACED, dict.fromkeys(GENERATIONS, False)),
    ],
)
def test_gvisor_by_release(thing: str, answers: dict[str, bool | None]) -> None:
    """A change inside a generation's months is unknown there, and so is a release that cannot be placed."""
    assert {generation: refused(gvisor(generation), thing) for generation in answers} == answers


@given(st.sampled_from(THINGS), st.sampled_from(GENERATIONS), st.sampled_from(GENERATIONS))
def test_what_was_saved_once_is_saved_later(thing: str, one: str, other: str) -> None:
    """A newer release refuses nothing that an older one saved."""
    order = {True: 0, None: 1, False: 2}
    older, newer = sorted((one, other))
    assert order[refused(gvisor(older), thing)] <= order[refused(gvisor(newer), thing)]


def test_linux_is_judged_as_criu() -> None:
    """Whoever saves a tree of plain Linux saves it with CRIU, or not at all."""
    linux = Runtime("linux", "6.18.0", "", "", "x86_64")
    assert refused(linux, IO_URING)
    assert not refused(linux, DELETED_FILE)
    found = refusal(linux, LOOPBACK_CONNECTION)
    assert found is not None
    assert found.option == "--tcp-established"


def test_the_table_is_whole() -> None:
    """One entry for a thing and a runtime, each with its evidence; signs go from new to old."""
    assert len({(entry.runtime, entry.thing) for entry in REFUSALS}) == len(REFUSALS)
    assert {entry.runtime for entry in REFUSALS} == {GVISOR, CRIU}
    assert all(entry.evidence.text and entry.evidence.grade in ("measured", "source", "reported") for entry in REFUSALS)
    assert [month for month, _ in SIGNS] == sorted((month for month, _ in SIGNS), reverse=True)
    assert all(month > OLDEST for month, _ in SIGNS)
