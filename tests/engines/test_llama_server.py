"""What snapdoctor says of llama-server is what llama-server does: three builds, one from each age of its loading options."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from engines import llama_cpp
from engines.maps import children, mapped
from engines.server import running, until
from snapdoctor.engines.engine import Option
from snapdoctor.engines.llama_server import DEAD_VARIABLES, ENGINE, REMOVED_OPTIONS, UNMAPPED_MODES, rejects_no_mmap
from snapdoctor.engines.version import Installed, Version

NEWEST = "0.5.0"
BUILDS = (*llama_cpp.OLDER, NEWEST)
"""Versions as snapdoctor reads them."""
VALUES = {
    "--load-mode": "none",
    "-lm": "none",
    "--port": "1",
    "--api-key-file": "/dev/null",
    "-mu": "http://localhost/x",
    "--model-url": "http://localhost/x",
}
SPELLED = [(option, name) for option in ENGINE.options for name in option.names]


def program(version: str) -> Path:
    """The `llama-server` of this version."""
    return llama_cpp.llama_server(None if version == NEWEST else version)


def answer(version: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Let it read these arguments and, if it takes them all, print its version and leave."""
    done = subprocess.run([program(version), *words, "--version"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode == -signal.SIGILL and version in llama_cpp.OLDER:
        pytest.skip("this processor lacks instructions that the wheel was compiled for")
    return done


def exists(version: str, option: Option) -> bool:
    """What snapdoctor's table says, which must be sure of these versions."""
    installed = Version.parse(version)
    assert installed is not None
    if option.until and installed.reached(option.until):
        return False
    known = not option.since or installed.reached(option.since)
    assert known or installed.reached(option.absent_below or option.since) is False, f"the table leaves {option.names[0]} of {version} open"
    return bool(known)


@pytest.mark.parametrize("version", BUILDS)
@pytest.mark.parametrize(("option", "name"), SPELLED, ids=[name for _, name in SPELLED])
def test_option_is_taken_or_rejected_as_the_table_says(version: str, option: Option, name: str) -> None:
    """A rejected option ends the program with status 1 and `invalid argument`, as the finding's message says."""
    done = answer(version, name, *(() if option.switch else (VALUES.get(name, "x"),)))
    if exists(version, option):
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1
        assert f"invalid argument: {name}" in done.stderr


@pytest.mark.parametrize("option", [option for option in ENGINE.options if not option.switch], ids=lambda option: option.names[0])
def test_option_without_switch_mark_takes_a_value(option: Option) -> None:
    """A word behind it is no option."""
    for name in option.names:
        done = subprocess.run([program(NEWEST), name], capture_output=True, text=True, check=False, timeout=60)
        assert "expected value for argument" in done.stderr, name


@pytest.mark.parametrize("name", ENGINE.valued)
def test_further_option_takes_a_value(name: str) -> None:
    """Those that snapdoctor lists only so that their values are not taken for options."""
    done = subprocess.run([program(NEWEST), name], capture_output=True, text=True, check=False, timeout=60)
    assert "expected value for argument" in done.stderr


@pytest.mark.parametrize("version", BUILDS)
def test_no_mmap_is_rejected_by_the_versions_said(version: str) -> None:
    """The fact that most findings about llama-server rest on."""
    assert (answer(version, "--no-mmap").returncode == 1) is rejects_no_mmap(Installed(Version.parse(version)))


@pytest.mark.parametrize("option", REMOVED_OPTIONS, ids=lambda option: option.names[0])
def test_replacement_of_a_removed_option_is_taken(option: Option) -> None:
    """What the fix writes, the newest build reads."""
    assert answer(NEWEST, *option.replacement.split()).returncode == 0


def test_spelling() -> None:
    """No `=`, no abbreviations; underscores are dashes."""
    assert not ENGINE.spelling.equals
    assert answer(NEWEST, "--load-mode=none").returncode == 1
    assert answer(NEWEST, "--load", "none").returncode == 1
    assert ENGINE.spelling.underscores == "same"
    assert answer(NEWEST, "--load_mode", "none").returncode == 0


def test_a_start_with_a_rejected_option_ends_at_once(llama_server: Path, tiny_gguf: Path) -> None:
    """With a good model, too."""
    done = subprocess.run([llama_server, "-m", tiny_gguf, "--no-mmap"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "invalid argument: --no-mmap" in done.stderr) == (1, True)


def test_model_stays_mapped_by_default(llama_server: Path, tiny_gguf: Path) -> None:
    """Shared and read-only, after the file itself was closed; one process, and no child."""
    with running(llama_server, "-m", tiny_gguf) as server:
        assert mapped(server.pid, ".gguf") == {("r--s", str(tiny_gguf))}
        open_files = {str(descriptor.resolve()) for descriptor in Path(f"/proc/{server.pid}/fd").iterdir()}
        assert str(tiny_gguf) not in open_files
        assert not children(server.pid)


@pytest.mark.parametrize("mode", UNMAPPED_MODES)
def test_load_mode_leaves_no_mapping(llama_server: Path, tiny_gguf: Path, mode: str) -> None:
    """On the command line."""
    with running(llama_server, "-m", tiny_gguf, "--load-mode", mode) as server:
        assert not mapped(server.pid, ".gguf")


@pytest.mark.parametrize(("version", "warns"), [("b10092", False), ("b10434", True)])
def test_no_mmap_was_taken_before_its_removal(version: str, warns: bool) -> None:
    """With a warning from the day on that `--load-mode` existed."""
    done = answer(version, "--no-mmap")
    assert (done.returncode, "DEPRECATED" in done.stderr) == (0, warns)


def test_load_mode_variable_is_read(llama_server: Path, tiny_gguf: Path) -> None:
    """And the command line wins over it."""
    with running(llama_server, "-m", tiny_gguf, environment={"LLAMA_ARG_LOAD_MODE": "none"}) as server:
        assert not mapped(server.pid, ".gguf")
    with running(llama_server, "-m", tiny_gguf, "--load-mode", "mmap", environment={"LLAMA_ARG_LOAD_MODE": "none"}) as server:
        assert mapped(server.pid, ".gguf")


@pytest.mark.parametrize("variable", DEAD_VARIABLES)
def test_dead_variable_changes_nothing_and_says_nothing(llama_server: Path, tiny_gguf: Path, variable: str) -> None:
    """Whatever its value, the mapping stays."""
    for value in ("0", "1", "false", "true"):
        with running(llama_server, "-m", tiny_gguf, environment={variable: value}) as server:
            assert mapped(server.pid, ".gguf"), value
            assert variable not in server.log.read_text(errors="replace")


def test_symlinked_model_shows_as_its_blob(llama_server: Path, hub_gguf: Path) -> None:
    """The kernel gives the resolved path, without suffix: a search for `.gguf` would miss it."""
    with running(llama_server, "-m", hub_gguf) as server:
        assert not mapped(server.pid, ".gguf")
        assert mapped(server.pid, "/blobs/") == {("r--s", str(hub_gguf.resolve()))}


def test_warm_up_request_is_answered(llama_server: Path, tiny_gguf: Path) -> None:
    """The request that the fix writes, and the health paths it polls."""
    path, body = ENGINE.warm_up_request or ("", "")
    with running(llama_server, "-m", tiny_gguf) as server:
        assert server.post(path, eval(body, {"words": 16}))["content"] is not None
        assert {server.get(path) for path in ("/health", "/v1/health", "/props")} == {200}


def test_router_starts_the_child_that_holds_the_model_at_the_first_request(llama_server: Path, tiny_gguf: Path) -> None:
    """`/health` is no sign that anything is loaded."""
    with running(llama_server, "--models-dir", tiny_gguf.parent) as server:
        assert not children(server.pid)
        assert not mapped(server.pid, ".gguf")
        server.post("/v1/completions", {"model": tiny_gguf.stem, "prompt": "hello", "max_tokens": 2})
        until(lambda: children(server.pid), "the router to have a child")
        (child,) = children(server.pid)
        command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        assert Path(command[0]).name == "llama-server"
        assert "--port" in command
        assert mapped(child, ".gguf") == {("r--s", str(tiny_gguf))}
        assert not mapped(server.pid, ".gguf")
    until(lambda: not Path(f"/proc/{child}").exists(), "the child to end with its router")
