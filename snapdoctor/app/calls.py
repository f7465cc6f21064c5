"""Calls: the user's functions are stepped into, pure built-ins computed, library calls recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app import model, pure
from snapdoctor.app.definitions import apply_decorator, deploying_kind
from snapdoctor.app.libcalls import library_call
from snapdoctor.app.objects import Bound, Class, Function, Mark, ModuleObject, Object, Super
from snapdoctor.app.scope import Frame, join
from snapdoctor.app.taint import load_behind
from snapdoctor.app.values import ABSENT, UNKNOWN, Arguments, Choice, Const, Made, Mapping, Reference, Sequence, Unknown, Value, options

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site

MOST_CALLS = 16
RECURSION = 1


def call(machine: Machine, callee: Value, arguments: Arguments, site: Site, frame: Frame, spelling: str) -> Value:
    """What a call returns, recording what it does."""
    if isinstance(callee, Bound):
        return _bound(machine, callee, arguments, site)
    if isinstance(callee, Function):
        return call_function(machine, callee, arguments, site)
    if isinstance(callee, Class):
        return instantiate(machine, callee, arguments, site)
    if isinstance(callee, Reference) and callee.name == "builtins.super":
        if frame.owner is None and frame.receiver is None:
            return UNKNOWN
        owner = _defining_class(frame)
        return Super(owner, frame.receiver) if owner is not None and frame.receiver is not None else UNKNOWN
    if isinstance(callee, Made):
        if _decorates(machine, callee, arguments):
            return arguments.positional[0]
        return library_call(machine, callee.name, callee, arguments, site)
    if isinstance(callee, Reference):
        return library_call(machine, callee.name, None, arguments, site)
    if isinstance(callee, Object):
        return _call_object(machine, callee, arguments, site, spelling)
    if isinstance(callee, Choice):
        return _call_any(machine, callee, arguments, site, frame, spelling)
    return opaque(machine, callee, arguments, site, spelling)


def opaque(machine: Machine, callee: Value, arguments: Arguments, site: Site, spelling: str) -> Value:
    """A call into code that cannot be read: anything may happen, as far as its name suggests."""
    name = callee.name if isinstance(callee, Unknown) and callee.name else spelling
    event = machine.record(model.OPAQUE, name, site)
    event.arguments = arguments
    for argument in (*arguments.positional, *arguments.keywords.values()):
        for option in options(argument):
            if isinstance(option, Function) or (isinstance(option, Bound) and isinstance(option.function, Function)):
                _call_back(machine, option, site)
    return Unknown(f"{name}()")


def _call_back(machine: Machine, function: Value, site: Site) -> None:
    with machine.undecided_branch():
        call_function(machine, function, Arguments(open=True), site)


def _defining_class(frame: Frame) -> Class | None:
    return frame.owner


def _decorates(machine: Machine, callee: Made, arguments: Arguments) -> bool:
    if len(arguments.positional) != 1 or arguments.keywords or not callee.name.startswith("modal."):
        return False
    target = arguments.positional[0]
    return apply_decorator(machine, Mark(callee.name, callee.arguments, callee.site, callee), target) if callee.site is not None else False


def _bound(machine: Machine, callee: Bound, arguments: Arguments, site: Site) -> Value:
    if callee.arguments is not None:
        arguments = _added(callee.arguments, arguments)
    if isinstance(callee.function, Reference):
        return pure.method(machine, callee.function.name, callee.receiver, arguments, site)
    if isinstance(callee.function, Function):
        return call_function(machine, callee, arguments, site)
    return call(machine, callee.function, arguments, site, _nowhere(callee, site), "")


def _nowhere(callee: Bound, site: Site) -> Frame:
    return Frame(site.module, {}, {}, None)


def _added(first: Arguments, then: Arguments) -> Arguments:
    return Arguments(
        first.positional + then.positional, {**first.keywords, **then.keywords}, first.open or then.open, {**first.sites, **then.sites}
    )


def _call_any(machine: Machine, callee: Choice, arguments: Arguments, site: Site, frame: Frame, spelling: str) -> Value:
    found = []
    with machine.undecided_branch():
        for option in callee.options:
            if option is not ABSENT and not (isinstance(option, Const) and option.value is None):
                found.append(call(machine, option, arguments, site, frame, spelling))
    return join(found) if found else UNKNOWN


def _call_object(machine: Machine, callee: Object, arguments: Arguments, site: Site, spelling: str) -> Value:
    method = callee.of.member("__call__") or callee.of.member("forward")
    if isinstance(method, Function):
        return call_function(machine, Bound(method, callee), arguments, site)
    return opaque(machine, UNKNOWN, arguments, site, spelling)


def instantiate(machine: Machine, of: Class, arguments: Arguments, site: Site) -> Value:
    """`Class(...)`: run its `__init__`, or fill in the fields of a dataclass and its like."""
    made = Object(of)
    constructor = of.member("__init__")
    if isinstance(constructor, Function):
        call_function(machine, Bound(constructor, made), arguments, site)
    else:
        fields = [name for current in reversed(of.lineage()) for name in current.fields]
        for name, value in zip(fields, arguments.positional, strict=False):
            made.attributes[name] = value
        made.attributes.update(arguments.keywords)
        after = of.member("__post_init__")
        if isinstance(after, Function):
            call_function(machine, Bound(after, made), Arguments(), site)
    return made


def call_function(machine: Machine, callee: Value, arguments: Arguments, site: Site) -> Value:
    """Step into a function of the user's; the join of everything it may return."""
    from snapdoctor.app.expressions import evaluate
    from snapdoctor.app.statements import NORMAL, run_block

    receiver = None
    if isinstance(callee, Bound):
        if callee.arguments is not None:
            arguments = _added(callee.arguments, arguments)
        receiver, callee = callee.receiver, callee.function
    if (
        not isinstance(callee, Function)
        or machine.calls.count(callee) > RECURSION
        or len(machine.calls) > MOST_CALLS
        or not machine.spend()
    ):
        return UNKNOWN
    frame = Frame(callee.module, {}, callee.closure.shared, callee.closure if callee.closure.names is not callee.closure.shared else None)
    if frame.outer is not None and frame.outer.owner is not None and frame.outer.names is frame.outer.owner.members:
        frame.outer = frame.outer.outer if frame.outer.outer is not None and frame.outer.outer.names is not frame.outer.shared else None
    frame.owner = callee.owner or callee.closure.owner
    frame.receiver = receiver if receiver is not None else callee.closure.receiver
    _bind(machine, callee, arguments, receiver, frame)
    machine.calls.append(callee)
    machine.callers.append(site)
    try:
        if isinstance(callee.node, cst.Lambda):
            return evaluate(machine, callee.node.body, frame)
        ending = run_block(machine, callee.node.body.body, frame)
    finally:
        machine.calls.pop()
        machine.callers.pop()
    if ending == NORMAL and not frame.returned:
        return Const(None)
    return join([*frame.returned, *([Const(None)] if ending == NORMAL and not _yields(callee) else [])])


def _yields(callee: Function) -> bool:
    return any(mark.name.startswith("contextlib.") for mark in callee.marks)


def _bind(machine: Machine, callee: Function, arguments: Arguments, receiver: Value | None, frame: Frame) -> None:
    """Give parameters their values: the arguments, else the defaults, else unknown."""
    from snapdoctor.app.expressions import evaluate

    parameters = callee.node.params
    given = list(arguments.positional)
    if receiver is not None:
        given.insert(0, receiver)
    named = dict(arguments.keywords)
    ordered = [*parameters.posonly_params, *parameters.params]
    for index, parameter in enumerate(ordered):
        name = parameter.name.value
        if index < len(given):
            frame.names[name] = given[index]
        elif name in named:
            frame.names[name] = named.pop(name)
        else:
            frame.names[name] = _default(machine, parameter, arguments, callee, evaluate)
    for parameter in parameters.kwonly_params:
        name = parameter.name.value
        frame.names[name] = named.pop(name) if name in named else _default(machine, parameter, arguments, callee, evaluate)
    if isinstance(parameters.star_arg, cst.Param):
        frame.names[parameters.star_arg.name.value] = Sequence(tuple(given[len(ordered) :]), "tuple")
    if parameters.star_kwarg is not None:
        extra: dict[object, Value] = dict(named.items())
        sites: dict[object, Site] = {key: at for key, at in arguments.sites.items() if key in named}
        frame.names[parameters.star_kwarg.name.value] = Mapping(extra, arguments.open, sites=sites)


def _default(machine: Machine, parameter: cst.Param, arguments: Arguments, callee: Function, evaluate: object) -> Value:
    from snapdoctor.app.expressions import evaluate as value_of

    if arguments.open or parameter.default is None:
        return UNKNOWN
    return value_of(machine, parameter.default, callee.closure)


def enter_context(machine: Machine, value: Value, site: Site) -> Value:
    """What `with value as x` binds."""
    if isinstance(value, Object):
        method = value.of.member("__enter__") or value.of.member("__aenter__")
        return call_function(machine, Bound(method, value), Arguments(), site) if isinstance(method, Function) else value
    if isinstance(value, Made):
        event = value.event
        if event is not None and event.kind in (model.CLIENT, model.CONNECT, model.FILE):
            event.purpose = event.purpose or "with"
    return value


__all__ = ["ModuleObject", "call", "call_function", "deploying_kind", "enter_context", "instantiate", "load_behind", "opaque"]
