"""Attributes and items of abstract values."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app import model
from snapdoctor.app.objects import Bound, Class, Function, ModuleObject, Object, Super
from snapdoctor.app.scope import join
from snapdoctor.app.taint import origin
from snapdoctor.app.values import (
    ABSENT,
    NO_ARGUMENTS,
    UNKNOWN,
    Choice,
    Const,
    Made,
    Mapping,
    Reference,
    Sequence,
    Spread,
    Text,
    Unknown,
    Value,
    options,
)

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site
    from snapdoctor.app.scope import Frame

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
# Objects of Modal's own whose methods are named by the class, whatever made them: `modal.Volume.commit`.
MODAL_TYPES = ("Image", "Volume", "App", "Stub", "Secret", "Cls", "Function", "Dict", "Queue", "CloudBucketMount", "NetworkFileSystem")


def noticed(machine: Machine, value: Value, lasting: bool) -> Value:
    """A read of a name or attribute: what was kept from before the snapshot is now used after it."""
    if lasting and machine.phase in (model.AFTER, model.REQUEST):
        event = origin(value)
        if event is not None and event.kept is not None and event.phase in (model.IMPORT, model.BEFORE):
            event.used_after = True
    return value


def attribute(machine: Machine, holder: Value, name: str, site: Site) -> Value:
    """`holder.name`."""
    if isinstance(holder, Reference):
        return _of_reference(machine, holder, name, site)
    if isinstance(holder, Made):
        stored = machine.attributes.get(id(holder), {}).get(name)
        if stored is not None:
            return stored
        return Made(f"{typed(holder.name)}.{name}", base=holder, site=site)
    if isinstance(holder, Object):
        return _of_object(machine, holder, name, site)
    if isinstance(holder, ModuleObject):
        found = holder.namespace.get(name)
        if found is not None:
            return noticed(machine, found, True)
        inner = machine.project.module(f"{holder.module.name}.{name}")
        return machine.module_object(inner) if inner is not None else Unknown(f"{holder.module.name}.{name}")
    if isinstance(holder, Class):
        found = holder.member(name)
        return _bind_class(holder, found) if found is not None else _beyond(holder, name)
    if isinstance(holder, Super):
        return _of_super(holder, name)
    if isinstance(holder, Choice):
        real = [option for option in holder.options if not (isinstance(option, Const) and option.value is None) and option is not ABSENT]
        return join([attribute(machine, option, name, site) for option in real])
    if isinstance(holder, (Const, Text, Sequence, Mapping, Function)):
        return Bound(Reference(f"builtins.{_type_name(holder)}.{name}"), holder)
    if isinstance(holder, Unknown) and holder.name:
        return Unknown(f"{holder.name}.{name}")
    return UNKNOWN


def typed(name: str) -> str:
    """Name what a call returned by its type where that is known: `modal.Image.debian_slim` is a `modal.Image`."""
    parts = name.split(".")
    if parts[0] == "modal" and len(parts) > 2 and parts[1] in MODAL_TYPES:
        return f"modal.{parts[1]}"
    return name


def _of_reference(machine: Machine, holder: Reference, name: str, site: Site) -> Value:
    full = f"{holder.name}.{name}"
    if full == "os.environ":
        return Reference(full)
    if full == "modal.Stub" or full.startswith("modal.gpu."):
        machine.app.uses.append((full, NO_ARGUMENTS, site))
    return Reference(full)


def _of_object(machine: Machine, holder: Object, name: str, site: Site) -> Value:
    if name in holder.attributes:
        return noticed(machine, holder.attributes[name], True)
    if name == "__class__":
        return holder.of
    found = holder.of.member(name)
    if found is None:
        return _beyond(holder.of, name)
    if isinstance(found, Function):
        kinds = {mark.name for mark in found.marks}
        if kinds & {"builtins.property", "functools.cached_property"}:
            from snapdoctor.app.calls import call_function

            return call_function(machine, Bound(found, holder), NO_ARGUMENTS, site)
        if "builtins.staticmethod" in kinds:
            return found
        if "builtins.classmethod" in kinds:
            return Bound(found, holder.of)
        return Bound(found, holder)
    if isinstance(found, Made) and found.name == "modal.parameter":
        return UNKNOWN
    return noticed(machine, found, True)


def _beyond(of: Class, name: str) -> Value:
    """A member that no user-written class defines: it may come from a library base or from elsewhere."""
    for current in of.lineage():
        for base in current.bases:
            if isinstance(base, Reference) and base.name != "builtins.object":
                return Made(f"{base.name}.{name}")
            if isinstance(base, Unknown):
                return Unknown(f"self.{name}")
    return Unknown(f"self.{name}")


def _bind_class(holder: Class, found: Value) -> Value:
    if isinstance(found, Function) and any(mark.name == "builtins.classmethod" for mark in found.marks):
        return Bound(found, holder)
    return found


def _of_super(holder: Super, name: str) -> Value:
    for base in holder.of.lineage()[1:]:
        if name in base.members:
            found = base.members[name]
            return Bound(found, holder.receiver) if isinstance(found, Function) else found
    if all(isinstance(base, (Class, Reference)) for current in holder.of.lineage() for base in current.bases):
        return Made(f"super.{name}")
    return Unknown(f"super.{name}")


def _type_name(value: Value) -> str:
    if isinstance(value, Const):
        return type(value.value).__name__
    if isinstance(value, Text):
        return "str"
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, Sequence):
        return value.kind
    return "function"


def item(machine: Machine, holder: Value, key: Value, site: Site) -> Value:
    """`holder[key]`."""
    if isinstance(holder, Reference):
        return _of_library(machine, holder, key, site)
    if isinstance(holder, Mapping) and isinstance(key, Const):
        return _entry(holder, key)
    if isinstance(holder, Sequence) and isinstance(key, Const) and isinstance(key.value, int):
        return _indexed(holder, key.value)
    if isinstance(holder, Choice):
        return join([item(machine, option, key, site) for option in holder.options])
    if isinstance(holder, Made):
        return Made(f"{holder.name}[]", base=holder, site=site)
    if isinstance(holder, Const) and isinstance(holder.value, str) and isinstance(key, Const) and isinstance(key.value, int):
        return Const(holder.value[key.value], holder.likely) if -len(holder.value) <= key.value < len(holder.value) else UNKNOWN
    return UNKNOWN


def _of_library(machine: Machine, holder: Reference, key: Value, site: Site) -> Value:
    if holder.name == "os.environ" and isinstance(key, Const):
        from snapdoctor.app.environment import read

        return read(machine, str(key.value), None, site)
    return Made(f"{holder.name}[]", site=site)


def _entry(holder: Mapping, key: Const) -> Value:
    try:
        found = holder.entries.get(key.value)
    except TypeError:
        return UNKNOWN
    if found is None:
        return UNKNOWN
    kept = [option for option in options(found) if option is not ABSENT]
    return join(kept) if kept else UNKNOWN


def _indexed(holder: Sequence, index: int) -> Value:
    items = holder.items
    ahead = items[: index + 1] if index >= 0 else items[index:]
    if any(isinstance(entry, Spread) for entry in ahead) or not -len(items) <= index < len(items):
        return UNKNOWN
    found = items[index]
    return UNKNOWN if isinstance(found, Spread) else found


def sliced(machine: Machine, holder: Value, node: cst.Slice, frame: Frame) -> Value:
    """`holder[a:b]` of a known string or list."""
    from snapdoctor.app.expressions import evaluate

    bounds = []
    for bound in (node.lower, node.upper, node.step):
        value = evaluate(machine, bound, frame) if bound is not None else Const(None)
        if not isinstance(value, Const) or not isinstance(value.value, (int, type(None))):
            return UNKNOWN
        bounds.append(value.value)
    if bounds[2] == 0:
        return UNKNOWN
    if isinstance(holder, Const) and isinstance(holder.value, (str, bytes)):
        return Const(holder.value[slice(*bounds)], holder.likely)
    if isinstance(holder, Sequence) and not any(isinstance(entry, Spread) for entry in holder.items):
        return Sequence(holder.items[slice(*bounds)], holder.kind, holder.site)
    return UNKNOWN
