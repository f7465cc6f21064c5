"""Edits of lifecycle hooks: statements at the right place of one, a new one behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app import model
from snapdoctor.app.edits import statement_of
from snapdoctor.app.span import Text
from snapdoctor.finding import Edit

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event, Hook

# Steps that end a snapshot hook: what warms the engine up comes before them.
ENDING = (model.SLEEP, model.RELEASE)
KEEPERS = ("to", "cuda", "eval", "half", "bfloat16", "float")


def hook_of(deployment: Deployment, event: Event) -> Hook | None:
    """The hook an event happens in, where it is written in the deployment's own file and class."""
    found = next((hook for hook in deployment.hooks if hook.name == event.hook and not hook.inherited), None)
    return found if found is not None and found.site.module is deployment.module else None


def statements_added(deployment: Deployment, hook: Hook, lines: list[str], last: bool) -> Edit | None:
    """Statements at the end of a hook; unless `last`, before the calls that put the engine to sleep. None where its body is one line."""
    definition = definition_of(hook)
    if definition is None or not isinstance(definition.body, cst.IndentedBlock):
        return None
    body = list(definition.body.body)
    module = hook.site.module
    text = Text(module)
    ending = [event for event in deployment.events if event.purpose in ENDING and event.hook == hook.name]
    while len(body) > 1 and (_returns(body[-1]) or (not last and _leads_to(body[-1], ending))):
        body.pop()
    start, end = text.span(body[-1])
    if not text.begins_line(start) or _returns(body[-1]):
        return None
    at = _line_end(text, end)
    indent = text.indent(start)
    return Edit(module.path, at, at, "".join(f"{text.newline}{indent}{line}" for line in lines))


def hook_added(deployment: Deployment, after: Hook, name: str, lines: list[str]) -> Edit | None:
    """A hook that runs after the restore, behind this one; in the one that is there already, where there is one."""
    existing = next((hook for hook in deployment.hooks if hook.kind == "enter" and hook.snap is False and not hook.inherited), None)
    if existing is not None and existing.site.module is deployment.module:
        return statements_added(deployment, existing, lines, last=True)
    definition, decorator = definition_of(after), _decorator(after)
    if definition is None or decorator is None:
        return None
    text = Text(after.site.module)
    start, end = text.span(definition)
    first = text.span(definition.decorators[0]).start if definition.decorators else start
    indent, step = text.indent(first), _step(text, definition)
    taken = {hook.name for hook in deployment.hooks}
    while name in taken:
        name += "_again"
    made = ["", f"{indent}@{decorator}(snap=False)", f"{indent}def {name}(self):", *(f"{indent}{step}{line}" for line in lines)]
    at = _line_end(text, end)
    return Edit(after.site.module.path, at, at, "".join(text.newline + line for line in made))


def definition_of(hook: Hook) -> cst.FunctionDef | None:
    """The function under a hook's decorator."""
    stack: list[cst.CSTNode] = [hook.site.module.tree]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.FunctionDef) and (
            node is hook.site.node or any(hook.site.node in (one, one.decorator) for one in node.decorators)
        ):
            return node
        stack += node.children
    return None


def _decorator(hook: Hook) -> str | None:
    """How the file spells `modal.enter`."""
    node = hook.site.node.decorator if isinstance(hook.site.node, cst.Decorator) else hook.site.node
    if not isinstance(node, cst.Call):
        return None
    return Text(hook.site.module).code(node.func)


def _returns(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(part, (cst.Return, cst.Raise, cst.Pass)) for part in statement.body
    )


def _leads_to(statement: cst.CSTNode, events: list[Event]) -> bool:
    wanted = {id(event.site.node) for event in events} | {id(event.via.node) for event in events if event.via is not None}
    stack = [statement]
    while stack:
        node = stack.pop()
        if id(node) in wanted:
            return True
        stack += node.children
    return False


def _step(text: Text, definition: cst.FunctionDef) -> str:
    """One level of indentation, as the body has it."""
    body = definition.body
    if isinstance(body, cst.IndentedBlock) and body.body:
        inner = text.indent(text.span(body.body[0]).start)
        return inner.removeprefix(text.indent(text.span(definition).start)) or "    "
    return "    "


def _line_end(text: Text, offset: int) -> int:
    """Where the line of this offset ends, its comment included."""
    from snapdoctor.text import NEWLINE

    found = NEWLINE.search(text.text, max(offset - 1, 0))
    return found.start() if found is not None else len(text.text)


def target_of(event: Event) -> str | None:
    """The name that the hook itself gives to what a load or start returned (`self.llm`), seen through `.to(...)` and the like."""
    if event.via is not None:
        return None
    statement = statement_of(event.site.module, event.site.node)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    assignment = statement.body[0]
    if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1 or not _is_chain(assignment.value, event.site.node):
        return None
    target = assignment.targets[0].target
    plain = isinstance(target, cst.Name) or (isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name))
    return Text(event.site.module).code(target) if plain else None


def _is_chain(value: cst.BaseExpression, wanted: cst.CSTNode) -> bool:
    """Whether a value is this call, or the same object handed on by its methods."""
    while value is not wanted:
        if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute) or value.func.attr.value not in KEEPERS:
            return False
        value = value.func.value
    return True
