"""What snapdoctor says of llama-cpp-python is what it does: in process, and as a server."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from container.programs import running as running_program

from engines.maps import children, mapped
from engines.server import running
from snapdoctor.engines.llama_cpp_python import ENGINE

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.engines.engine import Option

LOAD = "from llama_cpp import Llama\nmodel = Llama(sys.argv[1], verbose=False, {arguments})\n"
SHARED = "r--s"


@pytest.mark.parametrize(
    ("arguments", "stays"),
    [
        ("", True),
        ("n_gpu_layers=-1", True),
        ("use_mmap=False", False),
        ("use_mmap=True", True),
        ("use_mmap=False, use_mlock=True", False),
        ("no_mmap=True", True),
        ("load_mode='none'", True),
    ],
)
def test_mapping_follows_use_mmap_alone(engines_python: Path, tiny_gguf: Path, arguments: str, stays: bool) -> None:
    """Keywords that belong to llama-server are dropped without a word."""
    with running_program(LOAD.format(arguments=arguments), str(tiny_gguf), python=str(engines_python)) as program:
        assert mapped(program.pid, ".gguf") == ({(SHARED, str(tiny_gguf))} if stays else set())
        assert not program.said
        assert not children(program.pid)


def test_close_gives_the_mapping_up(engines_python: Path, tiny_gguf: Path) -> None:
    """Nothing of the file is left."""
    with running_program(LOAD.format(arguments="") + "model.close()\n", str(tiny_gguf), python=str(engines_python)) as program:
        assert not mapped(program.pid, ".gguf")


def test_symlinked_model_shows_as_its_blob(engines_python: Path, hub_gguf: Path) -> None:
    """The kernel gives the resolved path, without suffix."""
    with running_program(LOAD.format(arguments=""), str(hub_gguf), python=str(engines_python)) as program:
        assert mapped(program.pid, "/blobs/") == {(SHARED, str(hub_gguf.resolve()))}
        assert not mapped(program.pid, ".gguf")


def test_warm_up_call_runs(engines_python: Path, tiny_gguf: Path) -> None:
    """The line that the fix writes."""
    code = LOAD.format(arguments="") + f"words = 16\nprint(type({ENGINE.warm_up.format(model='model')}['choices'][0]['text']).__name__)\n"
    with running_program(code, str(tiny_gguf), python=str(engines_python)) as program:
        assert program.said == ("str",)


@pytest.mark.parametrize(
    ("words", "environment", "stays"),
    [
        ((), {}, True),
        (("--use_mmap", "False"), {}, False),
        (("--use_mmap=false",), {}, False),
        (("--use_mm", "0"), {}, False),
        ((), {"USE_MMAP": "0"}, False),
    ],
)
def test_server_maps_unless_told_otherwise(
    engines_python: Path, tiny_gguf: Path, words: tuple[str, ...], environment: dict[str, str], stays: bool
) -> None:
    """By any spelling of `--use_mmap`, or its variable. Memory is not locked here: that is another option's doing."""
    command = (engines_python, "-m", *ENGINE.servers, "--model", tiny_gguf, "--use_mlock", "False", *words)
    with running(*command, environment=environment, health=ENGINE.health_paths[0]) as server:
        assert bool(mapped(server.pid, ".gguf")) is stays
        path, body = ENGINE.warm_up_request or ("", "")
        assert server.post(path, eval(body, {"words": 4}))["choices"]


@pytest.mark.parametrize("option", ENGINE.options, ids=lambda option: option.names[0])
def test_server_knows_its_options(engines_python: Path, option: Option) -> None:
    """Those with an end at version 0 belong to llama-server, and end the program with status 2."""
    for name in (*option.names, *((option.shortest,) if option.shortest else ())):
        done = subprocess.run([engines_python, "-m", *ENGINE.servers, name, "1"], capture_output=True, text=True, check=False, timeout=120)
        assert (f"unrecognized arguments: {name}" in done.stderr) is (option.until == ("0",)), done.stderr
        assert done.returncode == 2 or not option.until
