"""An entry of the cache is whole or absent, and made once, whoever asks and whoever is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engines import cache
from engines.server import until

MAKER = """
import sys, time
from pathlib import Path
from engines.cache import entry

started, go = map(Path, sys.argv[1:])

def make(folder):
    (folder / "first").touch()
    with started.open("a") as log:
        log.write("started\\n")
    while not go.exists():
        time.sleep(0.01)
    (folder / "last").touch()

print(entry("thing", "1", make))
"""


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("SNAPDOCTOR_TEST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def start(folder: Path) -> subprocess.Popen[str]:
    """A process that asks for the entry, whose making ends once `go` exists."""
    environment = {**os.environ, "PYTHONPATH": str(Path(cache.__file__).parent.parent)}
    command = [sys.executable, "-c", MAKER, folder / "started", folder / "go"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


def test_processes_that_want_the_same_entry_make_it_once(tmp_path: Path, empty_cache: Path) -> None:
    """The others wait, and get it."""
    processes = [start(tmp_path) for _ in range(4)]
    until((tmp_path / "started").exists, "one to begin")
    assert not (empty_cache / "thing-1").exists()
    (tmp_path / "go").touch()
    assert {process.communicate(timeout=60)[0].strip() for process in processes} == {str(empty_cache / "thing-1")}
    assert (tmp_path / "started").read_text().count("started") == 1


def test_killed_maker_leaves_nothing_that_looks_finished(tmp_path: Path, empty_cache: Path) -> None:
    """Nor its lock, nor its half-filled folder once the next one is done."""
    with start(tmp_path) as killed:
        until((tmp_path / "started").exists, "it to begin")
        killed.kill()
    assert not (empty_cache / "thing-1").exists()
    (tmp_path / "go").touch()
    with start(tmp_path) as next_one:
        assert next_one.communicate(timeout=60)[0].strip() == str(empty_cache / "thing-1")
    assert {path.name for path in empty_cache.iterdir()} == {"thing-1", "thing.lock"}
    assert {path.name for path in (empty_cache / "thing-1").iterdir()} == {"first", "last"}


def test_failed_maker_leaves_nothing(empty_cache: Path) -> None:
    """The error comes through."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no compiler")

    with pytest.raises(RuntimeError, match="no compiler"):
        cache.entry("thing", "1", fail)
    assert {path.name for path in empty_cache.iterdir()} == {"thing.lock"}


def test_present_entry_is_not_made_again_and_says_nothing(empty_cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The usual case."""
    first = cache.entry("thing", "1", lambda folder: (folder / "whole").touch())
    assert "making thing-1" in capfd.readouterr().err

    def never(folder: Path) -> None:
        raise AssertionError(folder)

    assert cache.entry("thing", "1", never) == first == empty_cache / "thing-1"
    assert capfd.readouterr() == ("", "")


def test_versions_live_side_by_side(empty_cache: Path) -> None:
    """A branch with an older pin finds its own."""
    cache.entry("thing", "1", lambda folder: (folder / "one").touch())
    cache.entry("thing", "2", lambda folder: (folder / "two").touch())
    assert {path.name for path in empty_cache.glob("thing-*")} == {"thing-1", "thing-2"}


def test_place_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own variable, then the user's cache folder, then its default."""
    assert cache.root() == tmp_path / "cache"
    monkeypatch.delenv("SNAPDOCTOR_TEST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.root() == tmp_path / "snapdoctor-tests"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.root() == tmp_path / ".cache" / "snapdoctor-tests"
