"""`python ask_sglang.py FOLDER [older]`, in the engines' environment: for each line of input, a JSON list of command lines, a line with what SGLang's parser
makes of them. `FOLDER` holds the package `sglang`.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import io
import json
import sys
import types
from contextlib import redirect_stderr

# Older releases import half of the engine to list the choices of a few options, whose values are thus not judged; which options there are is.
STAND_INS = ("triton", "IPython", "aiohttp", "prometheus_client", "torchvision")
OLDER_STAND_INS = (
    "transformers",
    *(
        f"sglang.srt.{name}"
        for name in ("configs", "connector", "function_call", "hf_transformers_utils", "layers", "lora", "managers", "metrics")
    ),
    *(f"sglang.srt.{name}" for name in ("parser", "reasoning_parser", "speculative", "utils.hf_transformers_utils")),
)


class Nothing(type):
    """A class whose attributes are empty dictionaries: no choices."""

    def __getattr__(cls, name: str) -> dict[str, object]:
        if name.startswith("__"):
            raise AttributeError(name)
        return {}


class StandIn(types.ModuleType):
    """A module whose every attribute is a class of that name."""

    __path__ = ()

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(name, (), {})


class Finder:
    """Finds the modules named, and all below them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """An import of this name, by Python's rules."""
        wanted = any(name == known or name.startswith(f"{known}.") for known in self.names)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """An empty stand-in."""
        return StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def parser(folder: str, older: bool) -> argparse.ArgumentParser:
    """SGLang's own."""
    sys.path.insert(0, folder)
    # The package's own __init__ imports the whole engine; its modules do not need that.
    package = types.ModuleType("sglang")
    package.__path__ = [f"{folder}/sglang"]
    sys.modules["sglang"] = package
    sys.meta_path.append(Finder(STAND_INS))
    if older:
        sys.meta_path.insert(0, Finder(OLDER_STAND_INS))
    from sglang.srt.server_args import ServerArgs

    made = argparse.ArgumentParser(prog="sglang serve")
    ServerArgs.add_cli_args(made)
    return made


def answers(made: argparse.ArgumentParser, command_lines: list[list[str]]) -> list[tuple[bool, str, dict[str, object]]]:
    """(accepted, error, arguments that are not the default) of each."""
    defaults = {action.dest: action.default for action in made._actions}
    found: list[tuple[bool, str, dict[str, object]]] = []
    for words in command_lines:
        errors = io.StringIO()
        try:
            with redirect_stderr(errors):
                given = vars(made.parse_args(words))
        except SystemExit:
            found.append((False, errors.getvalue().partition("sglang serve: error: ")[2].strip(), {}))
        else:
            found.append((True, "", {key: value for key, value in given.items() if value != defaults[key]}))
    return found


if __name__ == "__main__":
    of_sglang = parser(sys.argv[1], older=sys.argv[2:] == ["older"])
    for line in sys.stdin:
        print(json.dumps(answers(of_sglang, json.loads(line)), default=repr), flush=True)
