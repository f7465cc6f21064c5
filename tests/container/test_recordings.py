"""What was recorded is what these programs still show: each is run again and looked at alive."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from container.recordings import RECORDINGS, Recording
from snapdoctor import catalog
from snapdoctor.container.reader import read_state


def offers_io_uring() -> bool:
    """Whether io_uring_setup(2) makes a ring here."""
    ring = int(ctypes.CDLL(None).syscall(425, 8, (ctypes.c_char * 120)()))
    if ring >= 0:
        os.close(ring)
    return ring >= 0


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: f"{recording.rule}/{recording.name}")
def test_program_shows_what_its_recording_shows(recording: Recording, tmp_path: Path) -> None:
    """The same verdict of the rule, on a live process."""
    if recording.privileged and os.geteuid() != 0:
        pytest.skip("making a mount or a pid namespace needs root")
    if recording.name == "shows-io-uring" and not offers_io_uring():
        pytest.skip("this kernel offers no io_uring")
    check = next(entry for entry in catalog.entries() if entry.folder == recording.rule).container_check()
    with recording.program(tmp_path) as pid:
        assert bool(list(check(read_state(pid)))) == recording.name.startswith("shows-")


def test_every_recorded_state_has_its_program() -> None:
    """None is left over from a program that is gone."""
    made = {Path("rules", recording.rule, "states", f"{recording.name}.json") for recording in RECORDINGS}
    assert set(Path("rules").glob("*/states/*.json")) == made
