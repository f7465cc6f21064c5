"""SGLang's own argument parser, without a GPU: `ServerArgs` from the wheel, which is unpacked and not installed.

`started()` runs it in the environment of the Python engines. Only Triton, which needs a GPU to be of use, is a stand-in; the rest is real.
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


@contextmanager
def started() -> Iterator[Callable[..., list[Parsed]]]:
    """A function that feeds each of its lists of arguments (those behind `python -m sglang.launch_server`) to the parser.

    It raises RuntimeError when the parser could not be built.
    """
    command = [environment.python(), Path(__file__).with_name("ask_sglang.py"), source()]
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


def _unpack(folder: Path) -> None:
    # The parser is plain Python; the tags only name which of the wheels is meant, whatever interpreter runs the tests.
    tags = ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_34_x86_64")
    with TemporaryDirectory(prefix="sglang-") as scratch, zipfile.ZipFile(download(WHEEL, Path(scratch), *tags)) as wheel:
        wheel.extractall(folder)
