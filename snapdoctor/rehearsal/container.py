"""Modal's own container entrypoint, started where there is no gVisor; run as `python -m snapdoctor.rehearsal.container`.

The entrypoint itself runs unmodified. Three of its constants are set for a machine outside gVisor, the hooks and the imports are timed, and
copies of secrets are noticed; where a modal release lacks a name that is leaned on here, the trace says so and the rehearsal goes on without it.
Told are lines of JSON in a file that is open only while one is written, so that no descriptor of ours is there when the state is read.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import json
import os
import runpy
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORDER = "SNAPDOCTOR_REHEARSAL_ORDER"
SHORTEST_IMPORT = 0.001
DEEPEST = 3
LARGEST_COLLECTION = 1000


class Trace:
    """The file that the rehearsal reads afterwards."""

    def __init__(self, path: str) -> None:
        self.path = path

    def tell(self, event: str, **more: object) -> None:
        """Add a line. Parent and child share `time.monotonic()`, unless the child is in a sandbox: then only the wall clock is the same."""
        line = json.dumps({"at": time.monotonic(), "wall": time.time(), "event": event, **more})
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def main() -> None:
    """Set the constants, then be the entrypoint."""
    order = json.loads(os.environ.pop(ORDER))
    trace = Trace(order["trace"])
    trace.tell("python")
    importlib.import_module("modal")
    trace.tell("modal")
    if order["wait"]:
        _set(trace, "modal._runtime.gpu_memory_snapshot", "RUNTIME_CHECKPOINT_WAIT_PATH", order["wait"])
    _set(trace, "modal._runtime.task_lifecycle_manager", "SPEC_ENVIRON_PATH", order["environment"])
    _set(trace, "modal._runtime.asgi", "get_ip_address", functools.partial(_address, order["address"]))
    copies = Copies(trace, {name: os.environ[name] for name in order["watched"] if name in os.environ}, order["module"])
    _time_hooks(trace, copies)
    _time_web_body(trace)
    _time_imports(trace)
    # The interpreter's own folder of this program is no place that a container would import from.
    sys.argv = ["modal-container"]
    try:
        runpy.run_module("modal._container_entrypoint", run_name="__main__", alter_sys=True)
    finally:
        copies.compare(None)
        trace.tell("returned")


def _address(address: str, _: bytes) -> str:
    return address


def _set(trace: Trace, module: str, name: str, value: object) -> None:
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        trace.tell("missing", name=f"{module}.{name}", why=str(error))
        return
    if hasattr(found, name):
        setattr(found, name, value)
    else:
        trace.tell("missing", name=f"{module}.{name}", why="this modal has no such name")


def _time_hooks(trace: Trace, copies: Copies) -> None:
    partial = importlib.import_module("modal._partial_function")
    look = getattr(partial, "_find_callables_for_obj", None)
    if look is None:
        trace.tell("missing", name="modal._partial_function._find_callables_for_obj", why="this modal has no such name")
        return

    def looked(instance: object, flags: Any) -> dict[str, Callable[..., Any]]:
        kind = getattr(flags, "name", str(flags))
        if kind == "ENTER_POST_SNAPSHOT":
            copies.remember(instance)
        elif kind == "EXIT":
            copies.compare(instance)
        trace.tell("hooks", kind=kind)
        return {name: _timed(trace, name, kind, hook) for name, hook in look(instance, flags).items()}

    setattr(partial, "_find_callables_for_obj", looked)  # noqa: B010 - not every release has it


def _timed(trace: Trace, name: str, kind: str, hook: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(hook):

        @functools.wraps(hook)
        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            trace.tell("hook begins", name=name, kind=kind)
            try:
                return await hook(*args, **kwargs)
            finally:
                trace.tell("hook ends", name=name, kind=kind)

        return asynchronous

    @functools.wraps(hook)
    def plain(*args: Any, **kwargs: Any) -> Any:
        trace.tell("hook begins", name=name, kind=kind)
        try:
            return hook(*args, **kwargs)
        finally:
            trace.tell("hook ends", name=name, kind=kind)

    return plain


def _time_web_body(trace: Trace) -> None:
    """Tell when the runtime turns to the function that makes a web app or starts a web server: it asks the platform for nothing there."""
    runtime = importlib.import_module("modal._runtime.user_code_imports")
    original = getattr(runtime, "construct_webhook_callable", None)
    if original is None:
        trace.tell("missing", name="modal._runtime.user_code_imports.construct_webhook_callable", why="this modal has no such name")
        return

    @functools.wraps(original)
    def timed(*args: Any, **kwargs: Any) -> Any:
        trace.tell("web body")
        return original(*args, **kwargs)

    setattr(runtime, "construct_webhook_callable", timed)  # noqa: B010 - not every release has it


def _time_imports(trace: Trace) -> None:
    """Tell of each top-level package that an `import` statement loads, the outermost one only."""
    original = builtins.__import__
    inside = [0]

    def timed(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        top = name.partition(".")[0]
        if level or inside[0] or top in sys.modules:
            return original(name, globals, locals, fromlist, level)
        inside[0] += 1
        began = time.monotonic()
        try:
            return original(name, globals, locals, fromlist, level)
        finally:
            inside[0] -= 1
            took = time.monotonic() - began
            if took >= SHORTEST_IMPORT:
                trace.tell("import", name=top, seconds=took, by=str((globals or {}).get("__name__", "")))

    builtins.__import__ = timed


class Copies:
    """Which values of watched variables are kept in the app's objects over the snapshot: the same object before and after."""

    def __init__(self, trace: Trace, watched: dict[str, str], module: str) -> None:
        self.trace = trace
        self.names = {value: name for name, value in watched.items() if value}
        self.module = module
        self.before: dict[str, tuple[str, int]] | None = None

    def remember(self, instance: object | None) -> None:
        """Note where copies are; called right after the restore, before any hook runs."""
        if self.names:
            self.before = {where: (name, id(value)) for where, name, value in self._found(instance)}

    def compare(self, instance: object | None) -> None:
        """Tell of those that are still the same objects."""
        if not self.names:
            return
        known = self.before
        for where, name, value in self._found(instance):
            if known is None or known.get(where) == (name, id(value)):
                self.trace.tell("copy", where=where, variable=name, sure=known is not None)
        self.names = {}

    def _found(self, instance: object | None) -> Iterator[tuple[str, str, str]]:
        module = sys.modules.get(self.module)
        if module is not None:
            for key, value in list(vars(module).items()):
                yield from self._within(value, f"{self.module}.{key}", 0)
        if instance is not None:
            for key, value in list(getattr(instance, "__dict__", {}).items()):
                yield from self._within(value, f"self.{key}", 0)

    def _within(self, value: object, where: str, depth: int) -> Iterator[tuple[str, str, str]]:
        if type(value) is str:
            if value in self.names:
                yield where, self.names[value], value
        elif depth < DEEPEST:
            if type(value) is dict and len(value) <= LARGEST_COLLECTION:
                for key, item in list(value.items()):
                    yield from self._within(item, f"{where}[{key!r}]", depth + 1)
            elif type(value) in (list, tuple) and isinstance(value, (list, tuple)) and len(value) <= LARGEST_COLLECTION:
                for number, item in enumerate(value):
                    yield from self._within(item, f"{where}[{number}]", depth + 1)
            elif type(value).__module__ == self.module:
                for key, item in list(getattr(value, "__dict__", {}).items()):
                    yield from self._within(item, f"{where}.{key}", depth + 1)


if __name__ == "__main__":
    main()
