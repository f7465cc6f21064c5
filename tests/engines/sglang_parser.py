"""SGLang's own argument parser, without a GPU: `ServerArgs` from the wheel, which is unpacked and not installed.

`parse()` runs it in the environment of the Python engines. Only Triton, which needs a GPU to be of use, is a stand-in; the rest is real.
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from engines import environment
from engines.cache import digest, entry
from engines.llama_cpp import download

VERSION = "0.5.23"
WHEEL = f"sglang=={VERSION} --hash=sha256:00b3cd5b265ac76c64185fbb6b95424f324ddd9f428d0306b77bc9db9d859937"


class Parsed(NamedTuple):
    """What SGLang makes of a command line."""

    accepted: bool
    error: str
    """What it wrote to stderr before it exited, or empty."""
    arguments: dict[str, object]
    """Destinations that differ from their defaults, with their values."""


def source() -> Path:
    """A folder with the package `sglang`."""
    return entry("sglang", f"{VERSION}-{digest(WHEEL)}", _unpack)


def parse(*command_lines: list[str]) -> list[Parsed]:
    """Feed each list of arguments (those behind `python -m sglang.launch_server`) to the parser."""
    asked = json.dumps([str(source()), command_lines])
    done = subprocess.run(
        [environment.python(), Path(__file__).with_name("ask_sglang.py")],
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode != 0:
        raise RuntimeError(f"SGLang's parser could not be built:\n{done.stderr[-4000:]}")
    return [Parsed(*answer) for answer in json.loads(done.stdout.splitlines()[-1])]


def _unpack(folder: Path) -> None:
    # The parser is plain Python; the tags only name which of the wheels is meant, whatever interpreter runs the tests.
    tags = ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_34_x86_64")
    with TemporaryDirectory(prefix="sglang-") as scratch, zipfile.ZipFile(download(WHEEL, Path(scratch), *tags)) as wheel:
        wheel.extractall(folder)
