"""Edits of a child's command line where it is written: a list, a joined list, a string, or a name that holds one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.edits import added, call_of, named_literal, replaced, statement_of
from snapdoctor.app.span import Text
from snapdoctor.app.values import Sequence
from snapdoctor.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Event
    from snapdoctor.app.module import SourceModule

# Words after which a further option may stand in a shell line: the program, its module or its subcommand.
LAUNCHES = re.compile(r"(?:-m\s+[\w.]+|\b(?:vllm|sglang|llama|lmdeploy)\s+serve|[\w./-]*llama-server|[\w./-]*main\.py)(?=[\s\"']|$)")


def words_added(event: Event, *words: str) -> Edit | None:
    """The words put at the end of the command's list, or behind the program in its string; None where the command is not written in one place."""
    module = event.site.module
    node = literal_of(event)
    if isinstance(node, (cst.List, cst.Tuple)):
        return added(module, node, [f'"{word}"' for word in words]) if not _awaits_value(node) else None
    return _string_extended(module, node, " ".join(words)) if node is not None else None


def word_exchanged(event: Event, old: str, *words: str) -> Edit | None:
    """A word of the command exchanged for others, wherever in the file it is written; None unless that is exactly one place."""
    module = event.site.module
    node = literal_of(event)
    places = [place for place in _strings(node, module) if _says(place, old)] if node is not None else []
    if not places:
        holder = _definition(module, event)
        places = [place for place in _strings(holder, module) if _says(place, old)] if holder is not None else []
    return _exchanged(module, places[0], old, words) if len(places) == 1 else None


def _exchanged(module: SourceModule, place: cst.BaseExpression, old: str, words: tuple[str, ...]) -> Edit | None:
    if isinstance(place, cst.SimpleString) and place.evaluated_value == old:
        container = _container(module, place)
        if isinstance(container, (cst.List, cst.Tuple)):
            return replaced(module, place, ", ".join(f'"{word}"' for word in words)) if words else _dropped(module, container, place)
        if isinstance(container, cst.Call) and isinstance(container.func, cst.Attribute) and container.func.attr.value == "append":
            return _extended(module, container, words)
        return None
    text = Text(module)
    start, end = text.span(place)
    found = list(re.finditer(rf"(?<![\w-]){re.escape(old)}(?![\w-])( ?)", text.text[start:end]))
    if len(found) != 1:
        return None
    gap = found[0][1] if words else ""
    return Edit(module.path, start + found[0].start(), start + found[0].end(), " ".join(words) + gap)


def _dropped(module: SourceModule, container: cst.List | cst.Tuple, place: cst.SimpleString) -> Edit | None:
    """An item taken out, with the comma and the line that were its own."""
    text = Text(module)
    start, end = text.whole(place)
    after = re.compile(r"\s*,[ \t]*").match(text.text, end)
    if after is not None:
        alone = text.begins_line(start) and text.text[after.end() : after.end() + 1] in ("\n", "\r")
        if alone:
            return Edit(module.path, text.line_start(start), text.line_start(after.end()) + _line_length(text, after.end()), "")
        return Edit(module.path, start, after.end(), "")
    before = re.search(r",\s*$", text.text[text.span(container).start : start])
    return Edit(module.path, start - len(before[0]), end, "") if before is not None else Edit(module.path, start, end, "")


def _line_length(text: Text, offset: int) -> int:
    start = text.line_start(offset)
    end = text.text.find("\n", offset)
    return (end + 1 if end >= 0 else len(text.text)) - start


def _extended(module: SourceModule, call: cst.Call, words: tuple[str, ...]) -> Edit | None:
    if not words or not isinstance(call.func, cst.Attribute) or len(call.args) != 1:
        return None
    if len(words) == 1:
        return replaced(module, call.args[0].value, f'"{words[0]}"')
    text = Text(module)
    start, end = text.span(call.func.attr).start, text.span(call).end
    return Edit(module.path, start, end, f"extend([{', '.join(repr_of(word) for word in words)}])")


def repr_of(word: str) -> str:
    """A word as a double-quoted literal."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literal_of(event: Event) -> cst.BaseExpression | None:
    """The list or string that holds the command, in the file of the start."""
    module = event.site.module
    command = event.arguments.get("args", 0)
    if isinstance(command, Sequence) and command.site is not None and command.site.module is module:
        found = _descended(module, command.site.node, 0)
        if isinstance(found, (cst.List, cst.Tuple)):
            return found
    call = call_of(event.site)
    if call is None or not call.args:
        return None
    given = next(
        (argument.value for argument in call.args if argument.keyword is not None and argument.keyword.value == "args"), call.args[0].value
    )
    return _descended(module, given, 0)


def _descended(module: SourceModule, node: cst.CSTNode, depth: int) -> cst.BaseExpression | None:
    if depth > 8:
        return None
    if isinstance(node, (cst.List, cst.Tuple, cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return node
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        right = _descended(module, node.right, depth + 1)
        left = _descended(module, node.left, depth + 1)
        return right if isinstance(right, (cst.List, cst.Tuple)) else left
    if isinstance(node, cst.Name):
        held = named_literal(module, node.value)
        return _descended(module, held, depth + 1) if held is not None else None
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self":
        held = named_literal(module, f"self.{node.attr.value}")
        return _descended(module, held, depth + 1) if held is not None else None
    if isinstance(node, cst.Call):
        return _of_call(module, node, depth)
    return None


def _of_call(module: SourceModule, node: cst.Call, depth: int) -> cst.BaseExpression | None:
    """`shlex.split(text)`, `text.split()`, `list(words)`."""
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else (node.func.value if isinstance(node.func, cst.Name) else "")
    if name == "split" and isinstance(node.func, cst.Attribute) and not node.args:
        return _descended(module, node.func.value, depth + 1)
    if name in ("split", "list", "tuple", "join") and node.args:
        return _descended(module, node.args[0].value, depth + 1)
    return None


def _awaits_value(node: cst.List | cst.Tuple) -> bool:
    """Whether the list ends in a word that may be an option whose value is put behind it later."""
    last = node.elements[-1].value if node.elements else None
    return (
        isinstance(last, cst.SimpleString)
        and isinstance(last.evaluated_value, str)
        and re.fullmatch(r"-\w|--(?!no-)[\w-]+", last.evaluated_value) is not None
        and not (last.evaluated_value.startswith(("--enable", "--disable", "--skip", "--trust")))
    )


def _string_extended(module: SourceModule, node: cst.BaseExpression, words: str) -> Edit | None:
    text = Text(module)
    start, end = text.span(node)
    found = list(LAUNCHES.finditer(text.text, start, end))
    if len(found) != 1:
        return None
    return Edit(module.path, found[0].end(), found[0].end(), f" {words}")


def _strings(node: cst.CSTNode, module: SourceModule) -> Iterator[cst.BaseExpression]:
    """Every string literal below a node, and behind the names that stand in a list."""
    stack: list[cst.CSTNode] = [node]
    seen: set[int] = set()
    while stack:
        here = stack.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, (cst.SimpleString, cst.FormattedString)):
            yield here
            continue
        if isinstance(here, cst.StarredElement) and isinstance(here.value, cst.Name):
            held = named_literal(module, here.value.value)
            stack += [held] if held is not None else []
        stack += here.children


def _says(place: cst.BaseExpression, word: str) -> bool:
    if isinstance(place, cst.SimpleString):
        value = place.evaluated_value
        return isinstance(value, str) and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", value) is not None
    if isinstance(place, cst.FormattedString):
        return any(
            isinstance(part, cst.FormattedStringText) and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", part.value)
            for part in place.parts
        )
    return False


def _container(module: SourceModule, place: cst.CSTNode) -> cst.CSTNode | None:
    """The list, tuple or call that holds an item directly."""
    stack: list[cst.CSTNode] = [module.tree]
    while stack:
        here = stack.pop()
        if isinstance(here, (cst.List, cst.Tuple)) and any(element.value is place for element in here.elements):
            return here
        if isinstance(here, cst.Call) and any(argument.value is place for argument in here.args):
            return here
        stack += here.children
    return None


def _definition(module: SourceModule, event: Event) -> cst.CSTNode | None:
    """The function that makes the start."""
    node = statement_of(module, event.site.node)
    stack: list[cst.CSTNode] = [module.tree]
    best: cst.CSTNode | None = None
    while stack:
        here = stack.pop()
        if isinstance(here, cst.FunctionDef) and node is not None and _holds(here, node):
            best = here
        stack += here.children
    return best


def _holds(node: cst.CSTNode, wanted: cst.CSTNode) -> bool:
    return node is wanted or any(_holds(child, wanted) for child in node.children)
