"""Evaluate `def` and `class`, and notice which of them Modal deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.objects import Bound, Class, Function, Mark
from snapdoctor.app.values import NO_ARGUMENTS, UNKNOWN, Arguments, Choice, Made, Reference, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snapdoctor.app.machine import Machine
    from snapdoctor.app.scope import Frame

DEPLOYING = {"function": "function", "cls": "cls", "server": "server", "_experimental_server": "server"}
WEB_VERBS = ("get", "post", "put", "delete", "patch", "options", "head", "route", "websocket", "api_route", "websocket_route")


def define_function(machine: Machine, node: cst.FunctionDef, frame: Frame) -> None:
    """Bind a function; evaluate its decorators and defaults as Python does."""
    name = node.name.value
    made = Function(name, node, frame.module, frame)
    made.owner = frame.owner if frame.owner is not None and frame.names is frame.owner.members else None
    made.marks = _marks(machine, node.decorators, frame)
    value: Value = made
    deploying = _deploying(made.marks)
    if deploying is not None:
        made.deployed = True
        machine.deployments.append((deploying, made, frame.module))
    _register_route(machine, made)
    for mark in made.marks:
        if mark.name == "builtins.property.setter":
            return
    machine.trail.put(frame.names, name, value)


def define_class(machine: Machine, node: cst.ClassDef, frame: Frame) -> None:
    """Bind a class; evaluate its body in a scope of its own."""
    from snapdoctor.app.expressions import evaluate
    from snapdoctor.app.scope import Frame as Scope
    from snapdoctor.app.statements import run_block

    bases = tuple(evaluate(machine, base.value, frame) for base in node.bases if base.star == "")
    made = Class(node.name.value, node, frame.module, bases)
    marks = _marks(machine, node.decorators, frame)
    made.marks = marks
    body = Scope(frame.module, made.members, frame.shared, frame)
    body.owner = made
    run_block(machine, node.body.body, body)
    deploying = _deploying(marks)
    if deploying is not None:
        made.deployed = True
        machine.deployments.append((deploying, made, frame.module))
    machine.classes.append(made)
    machine.trail.put(frame.names, node.name.value, made)


def apply_decorator(machine: Machine, mark: Mark, target: Value) -> bool:
    """`app.cls(...)(Class)`: the same as decorating; True when it deploys."""
    if isinstance(target, (Class, Function)) and _kind_of(mark.name) is not None:
        target.marks = (*target.marks, mark)
        target.deployed = True
        machine.deployments.append((mark, target, target.module))
        return True
    return False


def _marks(machine: Machine, decorators: Sequence[cst.Decorator], frame: Frame) -> tuple[Mark, ...]:
    from snapdoctor.app.expressions import evaluate

    marks = []
    for decorator in decorators:
        value = evaluate(machine, decorator.decorator, frame)
        site = machine.site(frame, decorator.decorator)
        for option in value.options if isinstance(value, Choice) else (value,):
            marks.append(_mark(option, site))
    return tuple(marks)


def _mark(value: Value, site: object) -> Mark:
    if isinstance(value, Made):
        return Mark(value.name, value.arguments, site, value)  # type: ignore[arg-type]
    if isinstance(value, Reference):
        return Mark(value.name, NO_ARGUMENTS, site, value)  # type: ignore[arg-type]
    if isinstance(value, Function):
        return Mark(f"user.{value.name}", NO_ARGUMENTS, site, value)  # type: ignore[arg-type]
    if isinstance(value, Bound):
        return Mark("user.bound", value.arguments or NO_ARGUMENTS, site, value)  # type: ignore[arg-type]
    return Mark(value.name or "" if isinstance(value, Unknown) else "", Arguments(open=True), site, value)  # type: ignore[arg-type]


def _deploying(marks: tuple[Mark, ...]) -> Mark | None:
    return next((mark for mark in marks if _kind_of(mark.name) is not None), None)


def _kind_of(name: str) -> str | None:
    """`cls`, `function` or `server` when the decorator deploys, whatever object the app is."""
    head, _, last = name.rpartition(".")
    if head in ("modal.App", "modal.Stub", "modal.app.App"):
        return DEPLOYING.get(last)
    return None


def deploying_kind(mark: Mark) -> str:
    """The kind of deployment a mark makes."""
    return _kind_of(mark.name) or "function"


def _register_route(machine: Machine, made: Function) -> None:
    """`@web_app.post("/generate")`: the function runs when a request comes."""
    for mark in made.marks:
        if isinstance(mark.value, Made) and mark.name.rpartition(".")[2] in WEB_VERBS and not mark.name.startswith("modal."):
            chain: Value | None = mark.value
            while isinstance(chain, Made) and isinstance(chain.base, Made):
                chain = chain.base
            if chain is not None and chain is not UNKNOWN:
                machine.routes.setdefault(id(chain), []).append(made)
