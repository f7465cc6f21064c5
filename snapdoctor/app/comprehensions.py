"""Evaluate comprehensions: unrolled over known items, once over unknown ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from snapdoctor.app.expressions import evaluate, iterate, truth
from snapdoctor.app.scope import Frame
from snapdoctor.app.stores import store
from snapdoctor.app.values import UNKNOWN, Const, Item, Mapping, Sequence, Spread, Value

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine

UNROLLED = 24


def comprehension(machine: Machine, node: Any, frame: Frame) -> Value:
    """A list, set, dict or generator built from a loop."""
    inner = Frame(frame.module, {}, frame.shared, frame)
    inner.owner, inner.receiver = frame.owner, frame.receiver
    found: list[Item] = []
    pairs = Mapping({}, site=machine.site(frame, node))
    _loop(machine, node, node.for_in, inner, found, pairs)
    if isinstance(node, cst.DictComp):
        return pairs
    return Sequence(tuple(found), "set" if isinstance(node, cst.SetComp) else "list", machine.site(frame, node))


def _loop(machine: Machine, node: Any, clause: cst.CompFor, frame: Frame, found: list[Item], pairs: Mapping) -> None:
    items = iterate(evaluate(machine, clause.iter, frame))
    known = len(items) <= UNROLLED and not any(isinstance(item, Spread) for item in items)
    machine.loops += 1
    try:
        for item in items if known else items[:1]:
            store(machine, clause.target, UNKNOWN if isinstance(item, Spread) else item, frame)
            decided = _conditions(machine, clause, frame)
            if decided is False:
                continue
            sure = known and decided is True
            if clause.inner_for_in is not None:
                _loop(machine, node, clause.inner_for_in, frame, found, pairs)
            elif isinstance(node, cst.DictComp):
                _pair(machine, node, frame, pairs, sure)
            else:
                value = evaluate(machine, node.elt, frame)
                found.append(value if sure else Spread(None))
    finally:
        machine.loops -= 1


def _conditions(machine: Machine, clause: cst.CompFor, frame: Frame) -> bool | None:
    result: bool | None = True
    for condition in clause.ifs:
        decided = truth(evaluate(machine, condition.test, frame))
        if decided is False:
            return False
        result = result if decided else None
    return result


def _pair(machine: Machine, node: cst.DictComp, frame: Frame, pairs: Mapping, sure: bool) -> None:
    key = evaluate(machine, node.key, frame)
    value = evaluate(machine, node.value, frame)
    if sure and isinstance(key, Const) and isinstance(key.value, (str, int)):
        pairs.entries[key.value] = value
    else:
        pairs.open = True
