"""SGLang's own argument parser, without a GPU: `ServerArgs` from the wheel, which is unpacked and not installed.

`started()` runs it in the environment of the Python engines. Modules that it imports and that say
nothing about options are stand-ins (`ask_sglang.py`).
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from engines import environment
from engines.cache import digest, entry
from engines.llama_cpp import download

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = "0.5.23"
WHEEL = f"sglang=={VERSION} --hash=sha256:00b3cd5b265ac76c64185fbb6b95424f324ddd9f428d0306b77bc9db9d859937"

OLDER = {
    "0.5.2": "sglang==0.5.2 --hash=sha256:83aae146f3913ed0802bb1ea356facff47efe0e7d18041a3f143de9ef6e44b2c",
    "0.5.3": "sglang==0.5.3 --hash=sha256:14b20822b7c36d7069556e559181bcaa1d3d44b2b0fcbf8818313af4ca22ae7f",
    "0.5.12": "sglang==0.5.12 --hash=sha256:4ed786a38655851fd055ef57380c34d29b87753b53f63457309f51e5bf48c2e6",
}
"""Releases around the changes that snapdoctor's table dates, to their wheels."""


class Parsed(NamedTuple):
    """What SGLang makes of a command line."""

    accepted: bool
    error: str
    """What it wrote to stderr before it exited, or empty."""
    arguments: dict[str, object]
    """Destinations that differ from their defaults, with their values."""


def source(version: str = VERSION) -> Path:
    """A folder with the package `sglang` of this version: the newest, or a key of `OLDER`."""
    wheel = OLDER.get(version, WHEEL)
    return entry("sglang", f"{version}-{digest(wheel)}", lambda folder: _unpack(wheel, folder))


@contextmanager
def started(version: str = VERSION) -> Iterator[Callable[..., list[Parsed]]]:
    """A function that feeds each of its lists of arguments (those behind `python -m sglang.launch_server`) to the parser.

    It raises RuntimeError when the parser could not be built.
    """
    command = [environment.python(), Path(__file__).with_name("ask_sglang.py"), source(version), *(["older"] if version in OLDER else [])]
    with TemporaryFile("w+") as errors, subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=errors, text=True) as process:

        def parse(*command_lines: list[str]) -> list[Parsed]:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                print(json.dumps(command_lines), file=process.stdin, flush=True)
                return [Parsed(*answer) for answer in json.loads(process.stdout.readline())]
            except (BrokenPipeError, ValueError) as error:
                errors.seek(0)
                raise RuntimeError(f"SGLang's parser could not be built:\n{errors.read()[-4000:]}") from error

        try:
            yield parse
        finally:
            process.kill()


def _unpack(requirement: str, folder: Path) -> None:
    # The parser is plain Python; the tags only name which of the wheels is meant, whatever interpreter runs the tests.
    tags = ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_34_x86_64")
    with TemporaryDirectory(prefix="sglang-") as scratch, zipfile.ZipFile(download(requirement, Path(scratch), *tags)) as wheel:
        wheel.extractall(folder)
