"""Run one hazard: say what was made as one line of JSON, wait for SIGUSR2 (sent after the restore), say how it is as another."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path

from .hazard import HAZARDS

GROUPS = ("children", "descriptors", "files", "identity", "locks", "mappings", "memory", "sockets", "timers", "torch_workers")


def say(**message: object) -> None:
    os.write(1, json.dumps(message).encode() + b"\n")


def main() -> None:
    for group in GROUPS:
        importlib.import_module(f".{group}", __package__)
    if sys.argv[1:] == ["--list"]:
        sys.stdout.write("".join(f"{hazard.group} {hazard.name}\n" for hazard in HAZARDS.values()))
        return
    name, folder = sys.argv[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    steps = HAZARDS[name].steps(Path(folder))
    try:
        made = next(steps)
    except OSError as error:
        say(refused=error.strerror)
        os._exit(0)
    say(made=made)
    signal.sigwait({signal.SIGUSR2})
    try:
        next(steps)
    except StopIteration as end:
        say(state=end.value)
    except Exception as error:
        say(state=f"{type(error).__name__}: {error}")
    os._exit(0)


if __name__ == "__main__":
    main()
