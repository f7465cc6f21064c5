"""`python ask_sglang.py FOLDER`, in the engines' environment: for each line of input, a JSON list of command lines, a line with what SGLang's parser
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
        """Python's own finders came before and found none."""
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == "triton" else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """An empty stand-in."""
        return StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def parser(folder: str) -> argparse.ArgumentParser:
    """SGLang's own."""
    sys.path.insert(0, folder)
    # The package's own __init__ imports the whole engine; its modules do not need that.
    package = types.ModuleType("sglang")
    package.__path__ = [f"{folder}/sglang"]
    sys.modules["sglang"] = package
    sys.meta_path.append(Triton())
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
    of_sglang = parser(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(answers(of_sglang, json.loads(line)), default=repr), flush=True)
