"""SGLang's own argument parser, without a GPU: `ServerArgs` from the wheel, which is unpacked and not installed.

`parse()` runs it in the environment of the Python engines. Only Triton, which needs a GPU to be of use, is a stand-in; the rest is real.
"""

from __future__ import annotations

import json
import subprocess
import sys
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
    done = subprocess.run([environment.python(), Path(__file__)], input=asked, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"SGLang's parser could not be built:\n{done.stderr[-4000:]}")
    return [Parsed(*answer) for answer in json.loads(done.stdout.splitlines()[-1])]


def _unpack(folder: Path) -> None:
    # The parser is plain Python; the tags only name which of the wheels is meant, whatever interpreter runs the tests.
    tags = ("--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_34_x86_64")
    with TemporaryDirectory(prefix="sglang-") as scratch, zipfile.ZipFile(download(WHEEL, Path(scratch), *tags)) as wheel:
        wheel.extractall(folder)


def _answer() -> None:
    """The part that runs in the engines' environment: read the question from standard input, print the answers as the last line."""
    import argparse
    import importlib.machinery
    import io
    import types
    from contextlib import redirect_stderr

    class StandIn(types.ModuleType):
        """A module whose every attribute is a class of that name."""

        __path__ = ()

        def __getattr__(self, name: str) -> type:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {})

    class Triton:
        """Finds `triton` and all below it."""

        def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
            return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == "triton" else None

        def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
            return StandIn(spec.name)

        def exec_module(self, module: types.ModuleType) -> None: ...

    root, command_lines = json.load(sys.stdin)
    sys.path.insert(0, root)
    # The package's own __init__ imports the whole engine; its modules do not need that.
    package = types.ModuleType("sglang")
    package.__path__ = [f"{root}/sglang"]
    sys.modules["sglang"] = package
    sys.meta_path.append(Triton())
    from sglang.srt.server_args import ServerArgs

    parser = argparse.ArgumentParser(prog="sglang serve")
    ServerArgs.add_cli_args(parser)
    defaults = vars(parser.parse_args(["--model-path", "x"]))
    answers = []
    for words in command_lines:
        errors = io.StringIO()
        try:
            with redirect_stderr(errors):
                given = vars(parser.parse_args(words))
        except SystemExit:
            answers.append((False, errors.getvalue().partition("sglang serve: error: ")[2].strip(), {}))
        else:
            answers.append((True, "", {key: value for key, value in given.items() if value != defaults[key]}))
    print(json.dumps(answers, default=repr))


if __name__ == "__main__":
    _answer()
