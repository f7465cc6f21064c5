"""The state of one partial evaluation: modules, the trail, the phase and the events recorded so far."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import App, Event, Guard, Site
from snapdoctor.app.objects import Class, Function, Mark, ModuleObject
from snapdoctor.app.scope import Frame, Trail
from snapdoctor.app.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from snapdoctor.app.module import SourceModule
    from snapdoctor.app.project import Project

STEPS = 300_000
DEPTH = 40


class Machine:
    """Evaluates one app. Never runs any of its code, never reads a file but through the project."""

    def __init__(self, project: Project, app: App) -> None:
        self.project = project
        self.app = app
        self.trail = Trail()
        self.modules: dict[str, ModuleObject] = {}
        self.events: list[Event] = []
        self.phase = model.IMPORT
        self.hook = "<module>"
        self.undecided = 0
        """How many conditions around the present statement could not be decided."""
        self.loops = 0
        self.handlers = 0
        self.guard: Guard | None = None
        self.steps = STEPS
        self.depth = 0
        self.callers: list[Site] = []
        """Where each of `calls` was called."""
        self.calls: list[Function] = []
        """User functions being evaluated, outermost first: no function is stepped into twice at once."""
        self.routes: dict[int, list[Function]] = {}
        """Request handlers registered on a web app object, by the identity of that object."""
        self.builds: dict[int, tuple[Event, ...]] = {}
        """What the functions of `run_function` steps do, by the identity of the step's value."""
        self.attributes: dict[int, dict[str, Value]] = {}
        """What was stored on objects made by libraries (`app.image = ...`), by the identity of the object."""
        self.deployments: list[tuple[Mark, Class | Function, SourceModule]] = []
        self.classes: list[Class] = []

    def spend(self) -> bool:
        """Take one step of the budget; False when it is gone."""
        self.steps -= 1
        return self.steps > 0

    def site(self, frame: Frame, node: cst.CSTNode) -> Site:
        """A place in the module being evaluated."""
        return Site(frame.module, node)

    def record(self, kind: str, name: str, site: Site) -> Event:
        """Add an event at the present point of the timeline."""
        event = Event(kind, self.phase, site, name)
        event.hook = self.hook
        event.conditional = self.undecided > 0
        event.loop = self.loops > 0
        event.handler = self.handlers > 0
        event.guard = self.guard
        inner = self.callers[0 if self.phase == model.IMPORT else 1 :]
        event.via = inner[0] if inner else None
        self.events.append(event)
        return event

    @contextmanager
    def undecided_branch(self) -> Iterator[None]:
        """Mark events inside as conditional."""
        self.undecided += 1
        try:
            yield
        finally:
            self.undecided -= 1

    @contextmanager
    def during(self, phase: str, hook: str) -> Iterator[None]:
        """Place events inside in another phase and hook."""
        before = self.phase, self.hook
        self.phase, self.hook = phase, hook
        try:
            yield
        finally:
            self.phase, self.hook = before

    def captured(self) -> list[Event]:
        """Take all events recorded so far away from the timeline."""
        taken, self.events = self.events, []
        return taken

    def module_object(self, module: SourceModule) -> ModuleObject:
        """The evaluated module; evaluates it at first use (as an import does)."""
        known = self.modules.get(module.path)
        if known is not None:
            return known
        from snapdoctor.app.statements import run_block

        names: dict[str, Value] = {}
        made = ModuleObject(module, names)
        self.modules[module.path] = made
        frame = Frame(module, names, names, None)
        outer = self.undecided, self.loops, self.handlers, self.guard, self.hook
        self.undecided, self.loops, self.handlers, self.guard, self.hook = 0, 0, 0, None, "<module>"
        try:
            run_block(self, module.tree.body, frame)
        finally:
            self.undecided, self.loops, self.handlers, self.guard, self.hook = outer
        return made
