"""Evaluate statements: assignments, branches, loops, definitions, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from snapdoctor.app import imports, model
from snapdoctor.app.calls import call_function, enter_context
from snapdoctor.app.definitions import define_class, define_function
from snapdoctor.app.expressions import binary, evaluate, iterate, truth
from snapdoctor.app.model import Guard, Site
from snapdoctor.app.stores import delete, store
from snapdoctor.app.values import UNKNOWN, Const, Made, Sequence, Spread, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence as Statements

    from snapdoctor.app.machine import Machine
    from snapdoctor.app.scope import Frame

# How a block ends.
NORMAL, RETURN, RAISE, BREAK, CONTINUE = range(5)
UNROLLED = 24
BROAD = ("Exception", "BaseException", "builtins.Exception", "builtins.BaseException")


def run_block(machine: Machine, body: Statements[Any], frame: Frame) -> int:
    """Evaluate statements in order; returns how the block ends."""
    for statement in body:
        if not machine.spend():
            return NORMAL
        ending = run_statement(machine, statement, frame)
        if ending != NORMAL:
            return ending
    return NORMAL


def run_statement(machine: Machine, node: cst.CSTNode, frame: Frame) -> int:
    """Evaluate one statement."""
    if type(node) is cst.SimpleStatementLine:
        return run_block(machine, node.body, frame)
    handler = _STATEMENTS.get(type(node))
    return handler(machine, node, frame) if handler is not None else NORMAL


def _suite(machine: Machine, body: cst.BaseSuite, frame: Frame) -> int:
    return run_block(machine, body.body, frame)


def _expression(machine: Machine, node: cst.Expr, frame: Frame) -> int:
    evaluate(machine, node.value, frame)
    if isinstance(node.value, cst.Call):
        name = _dotted(node.value.func)
        if name in ("sys.exit", "exit", "quit", "os._exit"):
            return RAISE
    return NORMAL


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return ""


def _assign(machine: Machine, node: cst.Assign, frame: Frame) -> int:
    value = evaluate(machine, node.value, frame)
    for target in node.targets:
        store(machine, target.target, value, frame)
    return NORMAL


def _annotated(machine: Machine, node: cst.AnnAssign, frame: Frame) -> int:
    if frame.owner is not None and frame.names is frame.owner.members and isinstance(node.target, cst.Name):
        frame.owner.fields.append(node.target.value)
    if node.value is not None:
        store(machine, node.target, evaluate(machine, node.value, frame), frame)
    return NORMAL


def _augmented(machine: Machine, node: cst.AugAssign, frame: Frame) -> int:
    current = evaluate(machine, node.target, frame)
    added = evaluate(machine, node.value, frame)
    operator = type(node.operator)
    if operator is cst.AddAssign and isinstance(current, Sequence) and current.kind == "list":
        machine.trail.items(current, current.items + iterate(added))
        return NORMAL
    plain = _AUGMENTED.get(operator)
    value = binary(machine, plain, current, added, machine.site(frame, node)) if plain is not None else UNKNOWN
    store(machine, node.target, value, frame)
    return NORMAL


def _return(machine: Machine, node: cst.Return, frame: Frame) -> int:
    value = evaluate(machine, node.value, frame) if node.value is not None else Const(None)
    frame.returned.append(value)
    return RETURN


def _raise(machine: Machine, node: cst.Raise, frame: Frame) -> int:
    if node.exc is not None:
        evaluate(machine, node.exc, frame)
    return RAISE


def _if(machine: Machine, node: cst.If, frame: Frame) -> int:
    condition = evaluate(machine, node.test, frame)
    decided = truth(condition)
    if decided is True:
        return _suite(machine, node.body, frame)
    if decided is False:
        return _else(machine, node.orelse, frame)
    return branch(machine, [lambda: _suite(machine, node.body, frame), lambda: _else(machine, node.orelse, frame)])


def _else(machine: Machine, node: cst.If | cst.Else | None, frame: Frame) -> int:
    if node is None:
        return NORMAL
    if isinstance(node, cst.If):
        return _if(machine, node, frame)
    return _suite(machine, node.body, frame)


def branch(machine: Machine, arms: list[Any]) -> int:
    """Evaluate every arm from the same state and join what the ones that go on leave behind."""
    endings = []
    outcomes = []
    for arm in arms:
        mark = machine.trail.mark()
        with machine.undecided_branch():
            ending = arm()
        endings.append(ending)
        outcomes.append(machine.trail.take_back(mark))
    going_on = [outcome for ending, outcome in zip(endings, outcomes, strict=True) if ending == NORMAL]
    if going_on:
        machine.trail.join(going_on)
        return NORMAL
    machine.trail.join(outcomes)
    return RETURN if RETURN in endings else endings[0]


def _for(machine: Machine, node: cst.For, frame: Frame) -> int:
    looped = evaluate(machine, node.iter, frame)
    _reads_output(machine, looped, machine.site(frame, node.iter))
    items = iterate(looped)
    machine.loops += 1
    try:
        if items and len(items) <= UNROLLED and not any(isinstance(item, Spread) for item in items):
            for item in items:
                store(machine, node.target, item, frame)  # type: ignore[arg-type]
                ending = _suite(machine, node.body, frame)
                if ending in (RETURN, RAISE):
                    return ending
                if ending == BREAK:
                    return NORMAL
        elif items:
            store(machine, node.target, _any_item(items), frame)
            ending = _loop_once(machine, node.body, frame)
            if ending in (RETURN, RAISE):
                return NORMAL
    finally:
        machine.loops -= 1
    return _suite(machine, node.orelse.body, frame) if node.orelse is not None else NORMAL


def _reads_output(machine: Machine, looped: Value, site: Site) -> None:
    """`for line in process.stdout`: waiting for what a child says."""
    if isinstance(looped, Made) and looped.name.endswith((".stdout", ".stderr")) and isinstance(looped.base, Made):
        event = machine.record(model.WAIT, looped.name, site)
        event.purpose = model.LOG
        event.subject = looped.base


def _any_item(items: tuple[Any, ...]) -> Value:
    known = [item for item in items if not isinstance(item, Spread)]
    return known[0] if len(items) == 1 and known else UNKNOWN


def _while(machine: Machine, node: cst.While, frame: Frame) -> int:
    decided = truth(evaluate(machine, node.test, frame))
    if decided is False:
        return NORMAL
    machine.loops += 1
    try:
        ending = _loop_once(machine, node.body, frame)
        forever = decided is True and ending != BREAK
    finally:
        machine.loops -= 1
    if forever and ending in (RETURN, RAISE):
        return ending
    return NORMAL


def _loop_once(machine: Machine, body: cst.BaseSuite, frame: Frame) -> int:
    """Evaluate a loop body once and forget what any later round could have changed."""
    mark = machine.trail.mark()
    ending = _suite(machine, body, frame)
    changes = machine.trail.take_back(mark)
    machine.trail.apply({place: _widened(change) for place, change in changes.items()})
    return ending


def _widened(change: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    container, key, value = change
    if isinstance(container, Sequence):
        return (container, key, (*value, Spread(None)))
    if isinstance(value, Const) and isinstance(value.value, (int, float, str)) and not isinstance(value.value, bool):
        return (container, key, UNKNOWN)
    return change


def _try(machine: Machine, node: cst.Try | cst.TryStar, frame: Frame) -> int:
    outer = machine.guard
    if node.handlers:
        machine.guard = _guard(machine, node, frame)
    try:
        mark = machine.trail.mark()
        ending = _suite(machine, node.body, frame)
    finally:
        machine.guard = outer
    del mark
    if ending == NORMAL and node.orelse is not None:
        ending = _suite(machine, node.orelse.body, frame)
    handled = [_handler(machine, handler, frame) for handler in node.handlers if not _only_import_errors(handler)]
    if node.finalbody is not None:
        final = _suite(machine, node.finalbody.body, frame)
        if final != NORMAL:
            return final
    return NORMAL if ending == RAISE and NORMAL in handled else ending


def _only_import_errors(handler: Any) -> bool:
    """`except ImportError`: inside the container the import is taken to work."""
    return handler.type is not None and all(_dotted(part) in ("ImportError", "ModuleNotFoundError") for part in _parts(handler.type))


def _handler(machine: Machine, handler: Any, frame: Frame) -> int:
    def run() -> int:
        machine.handlers += 1
        try:
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                machine.trail.put(frame.names, handler.name.name.value, UNKNOWN)
            return _suite(machine, handler.body, frame)
        finally:
            machine.handlers -= 1

    endings: list[int] = []

    def arm() -> int:
        endings.append(run())
        return endings[-1]

    branch(machine, [arm, lambda: NORMAL])
    return endings[0]


def _guard(machine: Machine, node: cst.Try | cst.TryStar, frame: Frame) -> Guard:
    broad = any(handler.type is None or any(_dotted(part) in BROAD for part in _parts(handler.type)) for handler in node.handlers)
    reraises = any(_leaves(handler.body) for handler in node.handlers)
    return Guard(machine.site(frame, node.handlers[0]), broad, reraises)


def _parts(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [element.value for element in node.elements] if isinstance(node, cst.Tuple) else [node]


def _leaves(body: cst.BaseSuite) -> bool:
    """Whether some path of a handler raises again, exits or gives up."""
    for statement in body.body:
        parts = statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        for part in parts:
            if isinstance(part, cst.Raise):
                return True
            if (
                isinstance(part, cst.Expr)
                and isinstance(part.value, cst.Call)
                and _dotted(part.value.func) in ("sys.exit", "os._exit", "exit")
            ):
                return True
            inner = getattr(part, "body", None)
            if isinstance(inner, cst.BaseSuite) and _leaves(inner):
                return True
            other = getattr(part, "orelse", None)
            if isinstance(other, cst.Else) and _leaves(other.body):
                return True
    return False


def _with(machine: Machine, node: cst.With, frame: Frame) -> int:
    outer = machine.guard
    for item in node.items:
        value = evaluate(machine, item.item, frame)
        inner = enter_context(machine, value, machine.site(frame, item.item))
        if item.asname is not None:
            store(machine, item.asname.name, inner, frame)
        suppressed = _suppresses(value)
        if suppressed is not None:
            machine.guard = Guard(machine.site(frame, item.item), suppressed, False)
    try:
        return _suite(machine, node.body, frame)
    finally:
        machine.guard = outer


def _suppresses(value: Value) -> bool | None:
    """For `contextlib.suppress(...)`: whether it hides everything; None for other contexts."""
    from snapdoctor.app.values import Made, Reference

    if not isinstance(value, Made) or value.name != "contextlib.suppress":
        return None
    return any(isinstance(item, Reference) and item.name in BROAD for item in value.arguments.positional)


def _function(machine: Machine, node: cst.FunctionDef, frame: Frame) -> int:
    define_function(machine, node, frame)
    return NORMAL


def _class(machine: Machine, node: cst.ClassDef, frame: Frame) -> int:
    define_class(machine, node, frame)
    return NORMAL


def _import(machine: Machine, node: cst.Import, frame: Frame) -> int:
    imports.import_names(machine, node, frame)
    return NORMAL


def _import_from(machine: Machine, node: cst.ImportFrom, frame: Frame) -> int:
    imports.import_from(machine, node, frame)
    return NORMAL


def _global(machine: Machine, node: cst.Global, frame: Frame) -> int:
    frame.globals.update(item.name.value for item in node.names)
    return NORMAL


def _delete(machine: Machine, node: cst.Del, frame: Frame) -> int:
    targets = [element.value for element in node.target.elements] if isinstance(node.target, cst.Tuple) else [node.target]
    for target in targets:
        delete(machine, target, frame)
    return NORMAL


def _assert(machine: Machine, node: cst.Assert, frame: Frame) -> int:
    evaluate(machine, node.test, frame)
    return NORMAL


def _match(machine: Machine, node: cst.Match, frame: Frame) -> int:
    subject = evaluate(machine, node.subject, frame)
    if isinstance(subject, Const):
        for case in node.cases:
            decided = _matches(machine, case, subject, frame)
            if decided is True:
                return _suite(machine, case.body, frame)
            if decided is None:
                break
        else:
            return NORMAL
    arms: list[Any] = [lambda case=case: _suite(machine, case.body, frame) for case in node.cases]
    return branch(machine, [*arms, lambda: NORMAL])


def _matches(machine: Machine, case: cst.MatchCase, subject: Const, frame: Frame) -> bool | None:
    if case.guard is not None:
        return None
    pattern = case.pattern
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is None:
        return True
    choices = [item.pattern for item in pattern.patterns] if isinstance(pattern, cst.MatchOr) else [pattern]
    for choice in choices:
        if not isinstance(choice, cst.MatchValue):
            return None
        wanted = evaluate(machine, choice.value, frame)
        if not isinstance(wanted, Const):
            return None
        if wanted.value == subject.value:
            return True
    return False


def run_function(machine: Machine, value: Value, site: Site) -> Value:
    """Call a function without arguments, as the runtime does with hooks."""
    from snapdoctor.app.values import NO_ARGUMENTS

    return call_function(machine, value, NO_ARGUMENTS, site)


_AUGMENTED: dict[type[cst.CSTNode], type[cst.BaseBinaryOp]] = {
    cst.AddAssign: cst.Add,
    cst.SubtractAssign: cst.Subtract,
    cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide,
    cst.FloorDivideAssign: cst.FloorDivide,
    cst.ModuloAssign: cst.Modulo,
    cst.PowerAssign: cst.Power,
    cst.BitOrAssign: cst.BitOr,
}
_STATEMENTS: dict[type[cst.CSTNode], Any] = {
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.If: _if,
    cst.For: _for,
    cst.While: _while,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Global: _global,
    cst.Del: _delete,
    cst.Assert: _assert,
    cst.Match: _match,
    cst.Break: lambda *_: BREAK,
    cst.Continue: lambda *_: CONTINUE,
}
__all__ = ["BREAK", "CONTINUE", "NORMAL", "RAISE", "RETURN", "Unknown", "branch", "run_block", "run_function", "run_statement"]
