"""Threads, event loops, forks and pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.objects import Bound, Function
from snapdoctor.app.values import UNKNOWN, Arguments, Const, Made, Value, constant

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event, Site
    from snapdoctor.engines.engine import Load

PROCESSES = (
    "multiprocessing.Process",
    "torch.multiprocessing.Process",
    "multiprocessing.get_context.Process",
    "multiprocessing.context.Process",
)
POOLS = (
    "multiprocessing.Pool", "concurrent.futures.ProcessPoolExecutor", "torch.multiprocessing.spawn", "torch.multiprocessing.Pool",
    "multiprocessing.get_context.Pool", "multiprocessing.pool.Pool", "os.fork", "os.forkpty", "torch.multiprocessing.start_processes", "loky.get_reusable_executor",
)  # fmt: skip
LOADERS = ("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
RUNNERS = (
    "asyncio.run",
    "asyncio.to_thread",
    "asyncio.wait_for",
    "asyncio.create_task",
    "asyncio.ensure_future",
    "asyncio.gather",
    "anyio.run",
)


def call(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value | None:
    """A call that runs something beside the main thread; None when it is not one."""
    if name in ("threading.Thread.start", "threading.Timer.start"):
        return _start_thread(machine, name, callee, site)
    if name.endswith("Process.start") and callee is not None and isinstance(callee.base, Made) and callee.base.name in PROCESSES:
        return _start_process(machine, callee.base, site)
    if name in PROCESSES:
        return Made(name, arguments, site)
    if name in POOLS:
        return _fork(machine, name, callee, arguments, site)
    if name in LOADERS:
        workers = constant(arguments.get("num_workers", 5))
        if isinstance(workers, int) and workers > 0:
            return _fork(machine, name, callee, arguments, site)
    if name in RUNNERS or name.endswith((".run_until_complete", ".run_in_executor", ".submit")):
        return _run(machine, name, arguments, site)
    return None


def _start_thread(machine: Machine, name: str, callee: Made | None, site: Site) -> Value:
    event = machine.record(model.THREAD, name, site)
    made = callee.base if callee is not None else None
    if isinstance(made, Made):
        event.arguments = made.arguments
        event.subject = made
        target = made.arguments.get("target", 1)
        _step_into(machine, target, made.arguments, site)
    return Const(None)


def _start_process(machine: Machine, made: Made, site: Site) -> Value:
    event = machine.record(model.FORK, made.name, site)
    event.arguments = made.arguments
    event.made = made
    event.purpose = _start_method(machine, made)
    event.load = _loaded_in_child(machine, made.arguments.get("target", 1), made.arguments, site)
    return Const(None)


def _start_method(machine: Machine, made: Made) -> str | None:
    """`fork`, `spawn` or `forkserver`, from the context or `set_start_method`; None when not said (Linux before Python 3.14: fork)."""
    base = made.base
    while isinstance(base, Made):
        if base.name.endswith("get_context") and base.arguments.positional:
            return constant(base.arguments.positional[0]) or None
        base = base.base
    for event in reversed(machine.events):
        if event.name.endswith("set_start_method") and event.arguments.positional:
            known = constant(event.arguments.positional[0])
            return known if isinstance(known, str) else None
    return None


def _loaded_in_child(machine: Machine, target: Value | None, arguments: Arguments, site: Site) -> Load | None:
    """The first model that the child loads, if it can be seen; its events are not the parent's."""
    parent = machine.events
    machine.events = []
    try:
        _step_into(machine, target, arguments, site)
        found: Event | None = next((event for event in machine.events if event.kind == model.LOAD), None)
    finally:
        machine.events = parent
    return found.load if found is not None else None


def _fork(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value:
    event = machine.record(model.FORK, name, site)
    event.arguments = arguments
    event.made = Made(name, arguments, site, callee.base if callee is not None else None, event)
    event.purpose = "spawn" if name == "torch.multiprocessing.spawn" else _start_method(machine, event.made)
    return event.made


def _run(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value:
    """Coroutines are evaluated where they are called, so only plain functions are left to step into."""
    for index, value in enumerate(arguments.positional):
        function = value.function if isinstance(value, Bound) else value
        if isinstance(function, Function):
            from snapdoctor.app.calls import call_function

            return call_function(machine, value, Arguments(arguments.positional[index + 1 :], arguments.keywords, arguments.open), site)
        if isinstance(value, (Made,)) and index == 0 and name == "asyncio.to_thread" and value.event is None:
            from snapdoctor.app.libcalls import library_call

            return library_call(machine, value.name, value, Arguments(arguments.positional[1:], arguments.keywords, arguments.open), site)
    return arguments.positional[0] if arguments.positional else UNKNOWN


def _step_into(machine: Machine, target: Value | None, arguments: Arguments, site: Site) -> None:
    from snapdoctor.app.calls import call_function, opaque
    from snapdoctor.app.expressions import iterate
    from snapdoctor.app.values import Sequence, Spread, Unknown

    if isinstance(target, (Function, Bound)):
        given = arguments.get("args", 3)
        items = iterate(given) if isinstance(given, Sequence) else ()
        call_function(
            machine,
            target,
            Arguments(tuple(UNKNOWN if isinstance(i, Spread) else i for i in items), open=given is not None and not items),
            site,
        )
    elif isinstance(target, Unknown):
        opaque(machine, target, Arguments(), site, target.name or "?")
