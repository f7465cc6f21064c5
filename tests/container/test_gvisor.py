"""Inside real gVisor the probe sees what its `/proc` shows, says what it does not, and knows where it is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from checkpoint import case, sandbox

from snapdoctor.container.runtimes import OLDEST

PROBE = shutil.which("snapdoctor", path=str(Path(sys.executable).parent)) or ""

pytestmark = pytest.mark.skipif(bool(sandbox.unavailable()), reason=sandbox.unavailable() or "runsc is here")


def probed(hazard: str) -> dict[str, Any]:
    """The state that the probe saved inside a sandbox with this hazard."""
    result = case.run(hazard, probe=PROBE, only_look=True, seconds=120)
    assert result.probe in (0, 1), result.complaint
    assert result.state is not None
    return result.state


def test_it_knows_gvisor_and_its_release() -> None:
    """Not by the kernel's version, which is an old Linux, but by what only gVisor shows."""
    runtime = probed("plain")["runtime"]
    assert runtime["kind"] == "gvisor"
    assert runtime["kernel"] == "4.4.0"
    assert runtime["generation"] == OLDEST
    assert runtime["driver"] == ""


def test_it_sees_processes_and_who_started_them() -> None:
    """Process 2 is an ordinary child here, and not the kernel's."""
    state = probed("grandchild")
    assert [(one["pid"], one["parent"]) for one in state["processes"]] == [(1, 0), (2, 1), (3, 2)]
    assert [one["origin"] for one in state["processes"]] == ["root", "exec", "exec"]
    assert all("python" in one["name"] and one["resident"] > 0 and one["mapped"] for one in state["processes"])


def test_it_tells_a_forked_child_from_an_executed_one() -> None:
    """gVisor shows no flags: the same program and arguments as the parent's tell it."""
    assert [one["origin"] for one in probed("forked_child")["processes"]] == ["root", "fork"]


def test_it_sees_states_and_tracers() -> None:
    """As on Linux."""
    assert probed("zombie")["processes"][1]["state"] == "zombie"
    assert probed("stopped_child")["processes"][1]["state"] == "stopped"
    traced = probed("traced_child")["processes"][1]
    assert (traced["state"], traced["tracer"]) == ("traced", 1)


def test_it_sees_mappings_without_descriptors() -> None:
    """A mapped file with its path, its mount and its size; the descriptor was closed."""
    state = probed("mapped_without_descriptor")
    main = state["processes"][0]
    assert {(one["path"], one["shared"], one["size"]) for one in main["mapped"]} >= {("/mnt/weights.bin", False, 65536)}
    assert "/mnt/weights.bin" not in {one["target"] for one in main["descriptors"]}
    file = next(one for one in state["files"] if one["path"] == "/mnt/weights.bin")
    assert (file["size"], file["mount"]) == (65536, "/mnt")


@pytest.mark.parametrize(
    ("hazard", "kinds"),
    [
        ("epoll", {"eventpoll", "pipe"}),
        ("eventfd", {"eventfd"}),
        ("signalfd", {"signalfd"}),
        ("timerfd", {"timerfd"}),
        ("io_uring", {"io_uring"}),
        ("memory_file", {"memfd"}),
        ("open_directory", {"directory"}),
        ("open_for_reading", {"file"}),
    ],
)
def test_it_knows_descriptors_by_kind(hazard: str, kinds: set[str]) -> None:
    """gVisor's names for anonymous inodes are brought to Linux's; the first three are what the runtime handed in."""
    seen = [one["kind"] for one in probed(hazard)["processes"][0]["descriptors"]]
    assert seen[:3] == ["host"] * 3
    assert set(seen[3:]) == kinds


def test_it_sees_sockets_with_state_and_addresses() -> None:
    """Of TCP both ends, and that the other one is inside."""
    held = [one["socket"] for one in probed("tcp_loopback")["processes"][0]["descriptors"] if one["socket"] is not None]
    first, second = (one for one in held if one["state"] == "established")
    assert (first["local"], first["remote"]) == (second["remote"], second["local"])
    assert not first["outside"]
    assert not second["outside"]


def test_it_says_what_gvisor_does_not_show() -> None:
    """The other ends of unix sockets, tables that are missing, and what is watched: gaps with a reason, and no guess instead."""
    pair = probed("unix_pair")
    assert {one["socket"]["outside"] for one in pair["processes"][0]["descriptors"] if one["socket"] is not None} == {None}
    assert {"the kernel does not tell the other ends of UNIX sockets here", "/proc/1/net/raw is not shown here"} <= {
        gap["why"] for gap in pair["gaps"]
    }
    assert [(gap["subject"], gap["pid"]) for gap in probed("inotify")["gaps"] if gap["subject"] == "watches"] == [("watches", 1)]
    assert pair["limits"]["memory"] is None


def test_it_counts_memory_that_is_in_no_file() -> None:
    """A gigabyte of noise is seen in what a capture would hold."""
    main = probed("gigabyte_of_noise")["processes"][0]
    assert main["resident"] >= 1 << 30
