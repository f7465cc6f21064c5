"""Evaluate imports: the project's own modules are followed, libraries become references, the rest is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app import model
from snapdoctor.app.libraries import is_library, is_standard
from snapdoctor.app.objects import ModuleObject
from snapdoctor.app.values import Reference, Unknown, Value

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site
    from snapdoctor.app.scope import Frame


def import_names(machine: Machine, node: cst.Import, frame: Frame) -> None:
    """`import a.b`, `import a.b as c`."""
    for alias in node.names:
        dotted = _dotted(alias.name)
        value = module_value(machine, dotted, machine.site(frame, node))
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            machine.trail.put(frame.names, alias.asname.name.value, value)
        else:
            top = dotted.partition(".")[0]
            machine.trail.put(frame.names, top, value if top == dotted else _top(machine, top, machine.site(frame, node)))


def _top(machine: Machine, top: str, site: Site) -> Value:
    if is_library(top):
        return Reference(top)
    return module_value(machine, top, site)


def import_from(machine: Machine, node: cst.ImportFrom, frame: Frame) -> None:
    """`from a import b`, relative imports, star imports."""
    base = _absolute(node, frame)
    site = machine.site(frame, node)
    library = is_library(base) and not node.relative
    module = None if library else machine.project.module(base)
    if library or module is None:
        record_import(machine, base, site)
    holder = machine.module_object(module) if module is not None else None
    if isinstance(node.names, cst.ImportStar):
        if holder is not None:
            for name, value in list(holder.namespace.items()):
                if not name.startswith("_"):
                    machine.trail.put(frame.names, name, value)
        return
    for alias in node.names:
        name = _dotted(alias.name)
        bound = alias.asname.name.value if alias.asname is not None and isinstance(alias.asname.name, cst.Name) else name
        machine.trail.put(frame.names, bound, _member(machine, base, name, holder, library, site))


def _member(machine: Machine, base: str, name: str, holder: ModuleObject | None, library: bool, site: Site) -> Value:
    if holder is not None:
        if name in holder.namespace:
            return holder.namespace[name]
        inner = machine.project.module(f"{base}.{name}")
        return machine.module_object(inner) if inner is not None else Unknown(f"{base}.{name}")
    if library:
        return Reference(f"{base}.{name}")
    inner = machine.project.module(f"{base}.{name}" if base else name)
    if inner is not None:
        return machine.module_object(inner)
    return Unknown(f"{base}.{name}")


def module_value(machine: Machine, dotted: str, site: Site) -> Value:
    """What importing a module by its dotted name gives."""
    if not is_standard(dotted):
        module = machine.project.module(dotted) if not is_library(dotted) else None
        if module is not None:
            return machine.module_object(module)
    record_import(machine, dotted, site)
    if is_library(dotted):
        return Reference(dotted)
    return Unknown(dotted)


def record_import(machine: Machine, dotted: str, site: Site) -> None:
    """Note that a library is imported here."""
    machine.record(model.IMPORTED, dotted, site)


def _absolute(node: cst.ImportFrom, frame: Frame) -> str:
    name = _dotted(node.module) if node.module is not None else ""
    if not node.relative:
        return name
    package = frame.module.package.split(".") if frame.module.package else []
    up = len(node.relative) - 1
    kept = package[: len(package) - up] if up else package
    return ".".join([*kept, name] if name else kept)


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
