"""Library calls: computed where they are pure, otherwise recorded as the event they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import concurrency, http, model, processes, pure
from snapdoctor.app.attributes import typed
from snapdoctor.app.objects import Bound, Class, Function, Object
from snapdoctor.app.taint import load_behind
from snapdoctor.app.values import UNKNOWN, Arguments, Choice, Const, Made, Value, constant
from snapdoctor.app.vocabulary import (
    ALL_CUDA,
    CLIENTS,
    CLOCKS,
    COMPILERS,
    CONNECTORS,
    FILES,
    INFERENCE_METHODS,
    LOAD_KEEPERS,
    QUIET,
    RANDOMS,
    THREADS,
)

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event, Site
    from snapdoctor.engines.engine import Load


def library_call(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value:
    """What a call of a library's name returns, recording what it does."""
    if name.startswith("modal"):
        return _modal(machine, name, callee, arguments, site)
    computed = pure.compute(machine, name, arguments, site)
    if computed is not None:
        return computed
    for reader in (processes.call, http.call, concurrency.call, _load, _model_method):
        found = reader(machine, name, callee, arguments, site)
        if found is not None:
            return found
    event = machine.record(_kind(name, callee, arguments), name, site)
    event.arguments = arguments
    event.subject = callee.base if callee is not None else None
    if event.kind == model.WAIT:
        event.purpose = model.PAUSE
    _call_backs(machine, name, arguments, site)
    made = Made(name, arguments, site, callee.base if callee is not None else None, event)
    event.made = made
    return made


def _modal(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value:
    machine.app.uses.append((name, arguments, site))
    base = callee.base if callee is not None else None
    if name in ("modal.Volume.commit", "modal.Volume.reload"):
        event = machine.record(model.VOLUME, name, site)
        event.purpose = name.rpartition(".")[2]
        event.subject = base
        return Const(None)
    if name == "modal.is_local":
        return Const(False)
    if name in ("modal.concurrent", "modal.batched", "modal.enter", "modal.method") or not machine.calls:
        return Made(name, arguments, site, base)
    event = machine.record(model.CALL, name, site)
    event.arguments = arguments
    event.subject = base
    return Made(name, arguments, site, base, event)


def _load(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value | None:
    """A model loaded in process."""
    from snapdoctor import engines
    from snapdoctor.engines.engine import Load

    engine = engines.recognise_load(name)
    if engine is None:
        return None
    if callee is not None and load_behind(callee) is not None:
        return None
    event = machine.record(model.LOAD, name, site)
    event.arguments = arguments
    load: Load = Load(engine.name, engines.load_model(name, arguments), arguments, engine.child)
    event.load = load
    event.device = engines.load_device(engine, name, arguments) or _device(arguments)
    event.made = Made(name, arguments, site, callee.base if callee is not None else None, event)
    return event.made


def _device(arguments: Arguments) -> str | None:
    for keyword in ("device", "device_map"):
        value = arguments.get(keyword)
        if value is not None and value is not UNKNOWN:
            return device_of(value)
    return None


def device_of(value: Value) -> str | None:
    """`cuda`, `cpu` or `auto` for a device argument; None when unknown."""
    if isinstance(value, Choice):
        found = {device_of(option) for option in value.options}
        return "auto" if found == {"cuda", "cpu"} else None
    if isinstance(value, Made) and value.name == "torch.device":
        return device_of(value.arguments.positional[0]) if value.arguments.positional else None
    known = constant(value)
    if isinstance(known, bool) or known is UNKNOWN:
        return None
    if isinstance(known, int):
        return "cuda" if known >= 0 else "cpu"
    if isinstance(known, str):
        head = known.partition(":")[0]
        return head if head in ("cuda", "cpu", "auto") else None
    return None


def _model_method(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value | None:
    """A method of a loaded model, or a call of it."""
    from snapdoctor import engines

    if callee is None:
        return _given_model(machine, name, arguments, site)
    loaded = load_behind(callee)
    if loaded is None or loaded.load is None:
        return None
    last = name.rpartition(".")[2]
    direct = callee.event is not None or callee.name == "computed"
    purpose = engines.control_purpose(loaded.load.engine, last) if not direct else None
    if purpose is not None:
        event = machine.record(model.CONTROL, name, site)
        event.purpose = purpose
    elif not direct and last in LOAD_KEEPERS:
        return _kept_model(machine, name, last, callee, arguments, site)
    elif direct or last in INFERENCE_METHODS or last in _calls(loaded):
        event = machine.record(model.INFERENCE, name, site)
    else:
        event = machine.record(model.CALL, name, site)
    event.arguments = arguments
    event.subject = callee if direct else callee.base
    event.load = loaded.load
    made = Made(name, arguments, site, callee, event)
    event.made = made
    return made


def _calls(loaded: Event) -> tuple[str, ...]:
    from snapdoctor import engines

    return engines.inference_methods(loaded.load.engine) if loaded.load is not None else ()


def _kept_model(machine: Machine, name: str, last: str, callee: Made, arguments: Arguments, site: Site) -> Value:
    """`model.to("cuda")`, `.eval()`: the same model again."""
    if last in ("to", "cuda", "cpu"):
        event = machine.record(model.MOVE, name, site)
        event.arguments = arguments
        event.subject = callee.base
        target = arguments.positional[0] if arguments.positional else arguments.get("device")
        event.device = last if last != "to" else (device_of(target) if target is not None else None)
        loaded = load_behind(callee)
        event.load = loaded.load if loaded is not None else None
    else:
        event = machine.record(model.CALL, name, site)
        event.arguments = arguments
        event.subject = callee.base
    return callee.base if callee.base is not None else callee


def _given_model(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value | None:
    """A library function that is handed a model and runs it (`generate(model, ...)`)."""
    last = name.rpartition(".")[2]
    if last not in INFERENCE_METHODS:
        return None
    loaded = next((found for value in arguments.positional[:2] if (found := load_behind(value)) is not None), None)
    if loaded is None:
        return None
    event = machine.record(model.INFERENCE, name, site)
    event.arguments, event.load = arguments, loaded.load
    event.made = Made(name, arguments, site, None, event)
    return event.made


def _kind(name: str, callee: Made | None, arguments: Arguments) -> str:
    if name in CLOCKS:
        return model.CLOCK
    if name == "time.sleep" or name == "asyncio.sleep":
        return model.WAIT
    if name in ALL_CUDA or name.startswith(("torch.cuda.", "pynvml.", "cupy.")):
        return model.CUDA
    if name in RANDOMS or name.startswith(("numpy.random.", "random.")):
        return model.RANDOM
    if name in COMPILERS:
        return model.COMPILE
    if name in CONNECTORS or typed(name) in CONNECTORS:
        return model.CONNECT
    if name in CLIENTS:
        return model.CLIENT
    if name in THREADS:
        return model.THREAD
    if name in FILES or (name == "numpy.load" and isinstance(constant(arguments.get("mmap_mode", 1)), str)):
        return model.FILE
    return model.CALL


def _call_backs(machine: Machine, name: str, arguments: Arguments, site: Site) -> None:
    """Functions handed to a library that runs them now (`asyncio.to_thread(f, x)`, `retry(f)`), not handlers kept for later."""
    if name.startswith(QUIET):
        return
    from snapdoctor.app.calls import call_function

    for value in (*arguments.positional, *arguments.keywords.values()):
        function = value.function if isinstance(value, Bound) else value
        if isinstance(function, Function) and not isinstance(value, (Class, Object)):
            with machine.undecided_branch():
                call_function(machine, value, Arguments(open=True), site)
