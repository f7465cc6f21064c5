"""Assign to names, attributes, items; notice what outlives a hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app import model
from snapdoctor.app.expressions import evaluate, iterate
from snapdoctor.app.objects import Class, ModuleObject, Object
from snapdoctor.app.taint import origin
from snapdoctor.app.values import UNKNOWN, Arguments, Const, Made, Mapping, Reference, Sequence, Spread, Unknown, Value

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.scope import Frame


def store(machine: Machine, target: cst.CSTNode, value: Value, frame: Frame) -> None:
    """Assign `value` to a target expression."""
    if isinstance(target, cst.Name):
        _store_name(machine, target.value, value, frame)
    elif isinstance(target, cst.Attribute):
        _store_attribute(machine, target, value, frame)
    elif isinstance(target, cst.Subscript):
        _store_item(machine, target, value, frame)
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(machine, target, value, frame)
    elif isinstance(target, cst.StarredElement):
        store(machine, target.value, UNKNOWN, frame)


def delete(machine: Machine, target: cst.BaseExpression, frame: Frame) -> None:
    """Forget a name, attribute or item."""
    if isinstance(target, cst.Name):
        machine.trail.remove(frame.names, target.value)
    elif isinstance(target, cst.Attribute):
        holder = evaluate(machine, target.value, frame)
        if isinstance(holder, Object):
            machine.trail.remove(holder.attributes, target.attr.value)
    elif isinstance(target, cst.Subscript):
        holder = evaluate(machine, target.value, frame)
        key = _key(machine, target, frame)
        if isinstance(holder, Mapping) and isinstance(key, Const) and _hashable(key.value):
            machine.trail.remove(holder.entries, key.value)


def _store_name(machine: Machine, name: str, value: Value, frame: Frame) -> None:
    if name in frame.globals or frame.names is frame.shared:
        machine.trail.put(frame.shared, name, value)
        keep(machine, name, value)
    else:
        machine.trail.put(frame.names, name, value)


def _store_attribute(machine: Machine, target: cst.Attribute, value: Value, frame: Frame) -> None:
    holder = evaluate(machine, target.value, frame)
    name = target.attr.value
    if isinstance(holder, Object):
        machine.trail.put(holder.attributes, name, value)
        keep(machine, f"self.{name}", value)
    elif isinstance(holder, Class):
        machine.trail.put(holder.members, name, value)
        keep(machine, f"{holder.name}.{name}", value)
    elif isinstance(holder, ModuleObject):
        machine.trail.put(holder.namespace, name, value)
    elif isinstance(holder, Made):
        machine.trail.put(machine.attributes.setdefault(id(holder), {}), name, value)
        event = machine.record(model.CALL, f"{holder.name}.{name}=", machine.site(frame, target))
        event.arguments, event.subject = Arguments((value,)), holder
    elif isinstance(holder, Reference):
        event = machine.record(model.CALL, f"{holder.name}.{name}=", machine.site(frame, target))
        event.arguments = Arguments((value,))


def keep(machine: Machine, name: str, value: Value) -> None:
    """Note that what an event returned outlives the hook that read it."""
    if machine.phase not in (model.IMPORT, model.BEFORE):
        return
    event = origin(value)
    if event is not None and event.kept is None:
        event.kept = name


def _store_item(machine: Machine, target: cst.Subscript, value: Value, frame: Frame) -> None:
    holder = evaluate(machine, target.value, frame)
    key = _key(machine, target, frame)
    if isinstance(holder, Mapping):
        if isinstance(key, Const) and _hashable(key.value):
            machine.trail.put(holder.entries, key.value, value)
            holder.sites[key.value] = machine.site(frame, target)
        else:
            machine.trail.open(holder)
    elif isinstance(holder, Sequence):
        machine.trail.items(holder, (*holder.items, Spread(None)))
    elif isinstance(holder, Reference) and holder.name == "os.environ" and isinstance(key, Const):
        event = machine.record(model.ENVIRONMENT, str(key.value), machine.site(frame, target))
        event.purpose = "set"
        event.arguments = Arguments((value,))


def _key(machine: Machine, target: cst.Subscript, frame: Frame) -> Value:
    if len(target.slice) == 1 and isinstance(target.slice[0].slice, cst.Index):
        return evaluate(machine, target.slice[0].slice.value, frame)
    return UNKNOWN


def _hashable(value: object) -> bool:
    return isinstance(value, (str, int, float, bool, bytes, type(None)))


def _unpack(machine: Machine, target: cst.Tuple | cst.List, value: Value, frame: Frame) -> None:
    items = iterate(value) if isinstance(value, Sequence) else ()
    known = len(items) == len(target.elements) and not any(isinstance(item, Spread) for item in items)
    for index, element in enumerate(target.elements):
        if isinstance(element, cst.StarredElement):
            store(machine, element.value, UNKNOWN, frame)
            known = False
        elif known:
            store(machine, element.value, items[index], frame)  # type: ignore[arg-type]
        elif isinstance(value, Made):
            store(machine, element.value, Made(f"{value.name}[{index}]", base=value, site=value.site), frame)
        else:
            store(machine, element.value, Unknown(value.name if isinstance(value, Unknown) else None), frame)
