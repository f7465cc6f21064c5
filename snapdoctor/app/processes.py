"""Child processes: every way of starting one, as a `Launch`."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.pure import words
from snapdoctor.app.values import (
    UNKNOWN,
    Arguments,
    Choice,
    Const,
    Item,
    Made,
    Sequence,
    Spread,
    Text,
    Value,
    as_it_stands,
    constant,
    sketch,
)
from snapdoctor.engines.engine import Launch

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site

STARTS = {
    "subprocess.Popen": False, "subprocess.run": True, "subprocess.call": True, "subprocess.check_call": True, "subprocess.check_output": True,
    "subprocess.getoutput": True, "subprocess.getstatusoutput": True, "os.system": True, "os.popen": True, "asyncio.create_subprocess_exec": False,
    "asyncio.create_subprocess_shell": False, "pty.spawn": True, "psutil.Popen": False, "os.execvp": False, "os.execv": False, "os.execvpe": False,
    "os.posix_spawn": False, "os.posix_spawnp": False, "os.spawnvp": False, "os.spawnlp": False, "anyio.run_process": True, "anyio.open_process": False,
}  # fmt: skip
SHELL = ("subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.popen", "asyncio.create_subprocess_shell")
METHODS = {"wait": model.JOIN, "communicate": model.JOIN, "readline": model.LOG, "readlines": model.LOG}
SHELLS = ("sh", "bash", "zsh", "dash")
SEPARATORS = ("&&", "||", ";", "|", "&")
REDIRECTIONS = (">", ">>", "2>", "2>>", "&>", "<", "2>&1", "1>&2", ">&2")
WRAPPERS = ("exec", "nohup", "env", "setsid", "time", "sudo", "stdbuf", "tini", "dumb-init", "nice", "numactl")


def call(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value | None:
    """A call that starts a process or waits for one; None when it is neither."""
    if name in STARTS:
        return _start(machine, name, arguments, site)
    if callee is not None:
        return _of_process(machine, name, callee, arguments, site)
    return None


def _start(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value:
    command = _command(name, arguments)
    shell = name in SHELL or constant(arguments.get("shell")) is True
    event = machine.record(model.PROCESS, name, site)
    event.arguments = arguments
    event.launch = launch_of(command, as_it_stands(arguments.get("env")), STARTS[name], shell, arguments.get("stdout"))
    event.made = Made(name, arguments, site, event=event)
    return event.made


def _command(name: str, arguments: Arguments) -> Value:
    if name == "asyncio.create_subprocess_exec":
        items: tuple[Item, ...] = arguments.positional
        return Sequence((*items, Spread(None)) if arguments.open else items)
    if name in ("os.execvp", "os.execv", "os.execvpe", "os.posix_spawn", "os.posix_spawnp"):
        return arguments.positional[1] if len(arguments.positional) > 1 else UNKNOWN
    if name in ("os.spawnvp", "os.spawnlp"):
        return arguments.positional[2] if len(arguments.positional) > 2 else UNKNOWN
    found = arguments.get("args", 0) or arguments.get("command", 0) or arguments.get("cmd", 0)
    return found if found is not None else UNKNOWN


def launch_of(command: Value, environment: Value | None, waits: bool, shell: bool, output: Value | None = None) -> Launch:
    """Read a command, given as a list or as a shell string."""
    if isinstance(command, Choice):
        arms = [launch_of(option, environment, waits, shell, output) for option in command.options]
        return next((arm for arm in arms if arm.engine is not None), arms[0])
    argv = command.items if isinstance(command, Sequence) else words(command)
    if shell and isinstance(command, Sequence) and command.items:
        first = command.items[0]
        argv = words(first) if isinstance(first, (Const, Text)) else (Spread(None),)
    background = False
    if shell or isinstance(command, (Const, Text)):
        argv, background = _decisive(argv)
    argv = _unwrapped(argv)
    return _recognised(argv, environment, waits and not background, shell, output)


def _decisive(argv: tuple[Item, ...]) -> tuple[tuple[Item, ...], bool]:
    """Of a shell line's several commands, the one that starts an engine, else the last; and whether it runs in the background."""
    commands: list[tuple[list[Item], bool]] = [([], False)]
    skip = False
    for item in _separated(argv):
        word = constant(item) if not isinstance(item, Spread) else UNKNOWN
        if word in SEPARATORS:
            if word == "&":
                commands[-1] = (commands[-1][0], True)
            commands.append(([], False))
        elif word in REDIRECTIONS:
            skip = word in (">", ">>", "2>", "2>>", "&>", "<")
        elif skip:
            skip = False
        elif not (isinstance(word, str) and word.startswith((">", "2>", "&>"))):
            commands[-1][0].append(item)
    filled = [(tuple(words), background) for words, background in commands if words]
    if not filled:
        return argv, False
    return next(((words, back) for words, back in filled if _recognised(_unwrapped(words), None, False, False, None).engine), filled[-1])


def _separated(argv: tuple[Item, ...]) -> list[Item]:
    """Cut `;` and `&` off the words they are glued to."""
    found: list[Item] = []
    for item in argv:
        word = constant(item) if not isinstance(item, Spread) else UNKNOWN
        if isinstance(word, str) and len(word) > 1 and word[-1] in ";&" and not word.endswith(("&&", ">&")) and "://" not in word:
            found.extend((Const(word[:-1]), Const(word[-1])))
        else:
            found.append(item)
    return found


def _unwrapped(argv: tuple[Item, ...]) -> tuple[Item, ...]:
    """See through `exec`, `env A=B`, `bash -c "..."` and the like."""
    rest = argv
    for _ in range(6):
        first = constant(rest[0]) if rest and not isinstance(rest[0], Spread) else UNKNOWN
        if not isinstance(first, str):
            return rest
        base = os.path.basename(first)
        if base in SHELLS and len(rest) > 2 and constant_item(rest[1]) in ("-c", "-lc", "-ec", "-exc", "-xc", "-euc"):
            inner = rest[2]
            rest = _decisive(words(inner))[0] if not isinstance(inner, Spread) else (Spread(None),)
        elif base in WRAPPERS or ("=" in first and not first.startswith(("-", "/", "."))):
            rest = rest[1:]
            while rest and base in WRAPPERS and str(constant_item(rest[0])).startswith("-"):
                rest = rest[1:]
        else:
            return rest
    return rest


def constant_item(item: Item) -> object:
    """The constant of an item, or `UNKNOWN`."""
    return UNKNOWN if isinstance(item, Spread) else constant(item)


def _recognised(argv: tuple[Item, ...], environment: Value | None, waits: bool, shell: bool, output: Value | None) -> Launch:
    from snapdoctor import engines

    strings: list[str | None] = [None if isinstance(item, Spread) else sketch(item) for item in argv]
    first = strings[0] if strings else None
    program = os.path.basename(first) if first and "\0" not in first else (os.path.basename(first) if first and "/" in first else None)
    if argv and isinstance(argv[0], Made) and argv[0].name == "sys.executable":
        program = "python"
    program = "python" if program is None and argv and _is_interpreter(argv[0]) else program
    words_ = [word.replace("\0", "") if word is not None and "\0" in word else word for word in strings]
    if program == "python" and words_:
        words_[0] = "python"
    engine = engines.recognise_launch(program, words_)
    opened = not argv or any(isinstance(item, Spread) and item.options is None for item in argv)
    return Launch(program, argv, opened, environment, engine.name if engine is not None else None, waits, shell, output)


def _is_interpreter(item: Item) -> bool:
    from snapdoctor.app.values import Reference

    return isinstance(item, Reference) and item.name == "sys.executable"


def _of_process(machine: Machine, name: str, callee: Made, arguments: Arguments, site: Site) -> Value | None:
    last = name.rpartition(".")[2]
    chain: Value | None = callee.base
    while isinstance(chain, Made) and not (chain.event is not None and chain.event.kind == model.PROCESS):
        chain = chain.base
    if not isinstance(chain, Made):
        return None
    purpose = METHODS.get(last)
    event = machine.record(model.WAIT if purpose else model.CALL, name, site)
    event.purpose = purpose
    event.arguments = arguments
    event.subject = chain
    return Made(name, arguments, site, chain)
