"""Walk each deployment's life in the order Modal runs it.

Order (modal client 1.6.4, `_runtime/user_code_imports.py`): import; enter(snap=True) hooks in definition order, base classes
first; the snapshot; the other enter hooks; the bodies of web endpoints; requests; exit hooks.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.calls import call_function
from snapdoctor.app.definitions import deploying_kind
from snapdoctor.app.expressions import truth
from snapdoctor.app.image import image_of
from snapdoctor.app.model import Deployment, Hook, Site
from snapdoctor.app.objects import Bound, Class, Function, Mark, Object
from snapdoctor.app.options import gpu_of
from snapdoctor.app.scripts import follow_scripts
from snapdoctor.app.values import NO_ARGUMENTS, UNKNOWN, Arguments, Made, Unknown, Value

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event
    from snapdoctor.app.module import SourceModule

LIFECYCLE = {"modal.enter": "enter", "modal.exit": "exit", "modal.method": "method", "modal.build": "build"}
WEB = {
    "modal.web_server": "web_server", "modal.asgi_app": "asgi_app", "modal.wsgi_app": "wsgi_app", "modal.fastapi_endpoint": "fastapi_endpoint",
    "modal.web_endpoint": "fastapi_endpoint",
}  # fmt: skip
OWN = frozenset(LIFECYCLE) | frozenset(WEB) | {"modal.batched", "modal.concurrent"}
PHASE_OF = {
    "exit": model.EXIT, "method": model.REQUEST, "web_server": model.AFTER, "asgi_app": model.AFTER, "wsgi_app": model.AFTER,
    "fastapi_endpoint": model.REQUEST, "body": model.REQUEST, "build": model.BUILD,
}  # fmt: skip


def deployments_of(machine: Machine) -> list[Deployment]:
    """Every deployment of the app's own file, in source order, with its events."""
    imported = machine.captured()
    found = []
    main = machine.app.module
    for mark, target, module in list(machine.deployments):
        if module is main:
            found.append(_deployment(machine, mark, target, module, imported))
    for target in machine.classes:
        if target.module is main and _is_mixin(machine, target):
            found.append(_mixin(machine, target, imported))
    return found


def _is_mixin(machine: Machine, target: Class) -> bool:
    """A class with snapshot hooks that this file only defines: it is deployed where it is inherited."""
    deployed = [other for _, other, _ in machine.deployments if isinstance(other, Class)]
    inherited = any(target in other.lineage() for other in (*deployed, *machine.classes) if other is not target)
    return (
        target not in deployed
        and not inherited
        and any(
            mark.name == "modal.enter" and _snap(mark.arguments) is True
            for member in target.members.values()
            if isinstance(member, Function)
            for mark in member.marks
        )
    )


def _mixin(machine: Machine, target: Class, imported: list[Event]) -> Deployment:
    site = Site(target.module, target.node)
    mark = Mark("mixin", Arguments(open=True), site, UNKNOWN)
    made = _deployment(machine, mark, target, target.module, imported)
    made.kind = "mixin"
    return made


def _deployment(machine: Machine, mark: Mark, target: Class | Function, module: SourceModule, imported: list[Event]) -> Deployment:
    made = Deployment(
        name=target.name,
        kind=deploying_kind(mark),
        app=machine.app,
        module=module,
        site=mark.site,
        definition=Site(module, target.node),
    )
    made.options = mark.arguments
    if isinstance(mark.value, Made) and isinstance(mark.value.base, Made):
        made.app_site = mark.value.base.site
    made.gpu = gpu_of(mark.arguments, mark.site)
    made.image = image_of(machine, UNKNOWN if mark.name == "mixin" else _image_value(machine, mark), module)
    made.hooks = _hooks(target, made)
    made.resolved = not isinstance(target, Class) or not _unknown_bases(target)
    before = machine.steps
    machine.steps = max(machine.steps, 60_000)
    trail = machine.trail.mark()
    try:
        _forget_uses(imported)
        walked = _walk(machine, made, target)
        made.events = (*map(copy, imported), *walked)
    except RecursionError:
        made.resolved = False
    finally:
        machine.trail.take_back(trail)
    if machine.steps <= 0:
        made.resolved = False
    machine.steps = min(before, machine.steps + 20_000)
    follow_scripts(machine, made)
    return made


def _forget_uses(imported: list[Event]) -> None:
    """What a module does at import is shared by its deployments; what each uses of it is its own, hence the copies it is given."""
    for event in imported:
        event.used_after = False


def _image_value(machine: Machine, mark: Mark) -> Value | None:
    own = mark.arguments.get("image")
    if own is not None or mark.name == "mixin":
        return own
    app = mark.value.base if isinstance(mark.value, Made) else None
    if not isinstance(app, Made):
        return None
    return machine.attributes.get(id(app), {}).get("image") or app.arguments.get("image")


def _unknown_bases(target: Class) -> bool:
    return any(isinstance(base, Unknown) for current in target.lineage() for base in current.bases)


def _hooks(target: Class | Function, made: Deployment) -> tuple[Hook, ...]:
    if isinstance(target, Function):
        web = next((mark for mark in target.marks if mark.name in WEB), None)
        kind = WEB[web.name] if web is not None else "body"
        web = web or next((mark for mark in target.marks if mark.name == "modal.batched"), None)
        site = web.site if web is not None else made.site
        return (Hook(target.name, kind, PHASE_OF[kind], None, site, web.arguments if web is not None else NO_ARGUMENTS),)
    hooks: list[Hook] = []
    seen: set[str] = set()
    for current in reversed(target.lineage()):
        for name, value in current.members.items():
            if isinstance(value, Function):
                for hook in _hooks_of(value, name, current is not target, target):
                    if name not in seen or target.member(name) is value:
                        hooks = [other for other in hooks if other.name != name or other.kind != hook.kind]
                        hooks.append(hook)
                        seen.add(name)
    return tuple(hooks)


def _hooks_of(function: Function, name: str, inherited: bool, target: Class) -> list[Hook]:
    found = []
    overriding = target.member(name)
    if isinstance(overriding, Function) and overriding is not function and not any(mark.name in OWN for mark in overriding.marks):
        return []
    for mark in function.marks:
        kind = LIFECYCLE.get(mark.name) or WEB.get(mark.name) or ("method" if mark.name == "modal.batched" else None)
        if kind is None:
            continue
        snap = _snap(mark.arguments) if kind == "enter" else None
        phase = PHASE_OF.get(kind) or (model.AFTER if snap is False else model.BEFORE)
        found.append(Hook(name, kind, phase, snap, mark.site, mark.arguments, inherited))
    return found


def _snap(arguments: Arguments) -> bool | None:
    value = arguments.get("snap", 0)
    return False if value is None else truth(value)


def _walk(machine: Machine, made: Deployment, target: Class | Function) -> list[Event]:
    """Evaluate the hooks phase by phase."""
    machine.events = []
    if isinstance(target, Function):
        receiver: Object | None = None
    else:
        receiver = Object(target)
        _construct(machine, target, receiver, made)
    for phase in (model.BEFORE, model.AFTER, model.REQUEST, model.EXIT):
        for hook in made.hooks:
            if hook.phase == phase:
                _run(machine, hook, target, receiver)
    events = machine.captured()
    order = {phase: index for index, phase in enumerate(model.PHASES)}
    return sorted(events, key=lambda event: order[event.phase])


def _construct(machine: Machine, target: Class, receiver: Object, made: Deployment) -> None:
    constructor = target.member("__init__")
    if isinstance(constructor, Function):
        with machine.during(model.BEFORE, "__init__"):
            call_function(machine, Bound(constructor, receiver), Arguments(open=True), made.definition)


def _run(machine: Machine, hook: Hook, target: Class | Function, receiver: Object | None) -> None:
    function = target if isinstance(target, Function) else target.member(hook.name)
    if not isinstance(function, Function):
        return
    called: Value = function if receiver is None else Bound(function, receiver)
    with machine.during(hook.phase, hook.name):
        outer = machine.undecided
        machine.undecided = 1 if hook.kind == "enter" and hook.snap is None else 0
        try:
            result = call_function(machine, called, Arguments(open=True) if hook.phase == model.REQUEST else NO_ARGUMENTS, hook.site)
        finally:
            machine.undecided = outer
    if hook.kind in ("asgi_app", "wsgi_app"):
        _serve(machine, result)


def _serve(machine: Machine, result: Value) -> None:
    """The lifespan of a web app runs after the snapshot, its handlers with the requests."""
    if not isinstance(result, Made):
        return
    lifespan = result.arguments.get("lifespan")
    if isinstance(lifespan, (Function, Bound)):
        with machine.during(model.AFTER, "lifespan"):
            call_function(machine, lifespan, Arguments(open=True), result.site or machine.app.deployments[0].site)
    chain: Value = result
    while isinstance(chain, Made):
        for handler in machine.routes.get(id(chain), []):
            with machine.during(model.REQUEST, handler.name):
                call_function(machine, handler, Arguments(open=True), Site(handler.module, handler.node))
        if not isinstance(chain.base, Made):
            break
        chain = chain.base


__all__ = ["UNKNOWN", "deployments_of"]
