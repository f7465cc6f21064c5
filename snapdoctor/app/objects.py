"""Values made of the user's own code: functions, classes, instances, modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app.values import Arguments, UserValue, Value

if TYPE_CHECKING:
    import libcst as cst

    from snapdoctor.app.model import Site
    from snapdoctor.app.module import SourceModule
    from snapdoctor.app.scope import Frame


class Mark(NamedTuple):
    """One decorator as evaluated: `modal.enter` with its arguments, or any other."""

    name: str
    arguments: Arguments
    site: Site
    value: Value


class Function(UserValue):
    """A `def` or `lambda` of the user's, with the scope it closes over."""

    __slots__ = ("closure", "deployed", "marks", "module", "name", "node", "owner")

    def __init__(self, name: str, node: cst.FunctionDef | cst.Lambda, module: SourceModule, closure: Frame) -> None:
        self.name = name
        self.node = node
        self.module = module
        self.closure = closure
        self.marks: tuple[Mark, ...] = ()
        self.owner: Class | None = None
        self.deployed = False
        """Decorated by `app.function`: calling `.remote` runs it elsewhere."""


class Bound(UserValue):
    """A method with its `self` (or `cls`), or a partial application."""

    __slots__ = ("arguments", "function", "receiver")

    def __init__(self, function: Value, receiver: Value | None, arguments: Arguments | None = None) -> None:
        self.function = function
        self.receiver = receiver
        self.arguments = arguments


class Class(UserValue):
    """A class of the user's."""

    __slots__ = ("bases", "deployed", "fields", "marks", "members", "module", "name", "node")

    def __init__(self, name: str, node: cst.ClassDef, module: SourceModule, bases: tuple[Value, ...]) -> None:
        self.name = name
        self.node = node
        self.module = module
        self.bases = bases
        self.members: dict[str, Value] = {}
        self.fields: list[str] = []
        """Annotated names in order: the constructor of a dataclass, NamedTuple or pydantic model."""
        self.marks: tuple[Mark, ...] = ()
        self.deployed = False

    def lineage(self) -> list[Class]:
        """Itself and its user-written bases, nearest first (a linear reading of the MRO)."""
        seen: list[Class] = []
        queue: list[Value] = [self]
        while queue:
            current = queue.pop(0)
            if isinstance(current, Class) and current not in seen:
                seen.append(current)
                queue.extend(current.bases)
        return seen

    def member(self, name: str) -> Value | None:
        """Look a member up through the bases."""
        for current in self.lineage():
            if name in current.members:
                return current.members[name]
        return None


class Object(UserValue):
    """An instance of a user's class."""

    __slots__ = ("attributes", "of")

    def __init__(self, of: Class) -> None:
        self.of = of
        self.attributes: dict[str, Value] = {}


class Super(UserValue):
    """What `super()` returns inside a method."""

    __slots__ = ("of", "receiver")

    def __init__(self, of: Class, receiver: Value) -> None:
        self.of = of
        self.receiver = receiver


class ModuleObject(UserValue):
    """An imported module of the project."""

    __slots__ = ("module", "namespace")

    def __init__(self, module: SourceModule, namespace: dict[str, Value]) -> None:
        self.module = module
        self.namespace = namespace
