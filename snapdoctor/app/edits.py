"""Edits of the source that keep everything else byte for byte: items of calls, lists and dicts, words in strings, statements of hooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.span import Text
from snapdoctor.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snapdoctor.app.model import Site
    from snapdoctor.app.module import SourceModule

Container = cst.List | cst.Tuple | cst.Set | cst.Dict | cst.Call


def replaced(module: SourceModule, node: cst.BaseExpression, code: str) -> Edit:
    """The node's source replaced by other code."""
    text = Text(module)
    start, end = text.span(node)
    return Edit(module.path, start, end, code)


def added(module: SourceModule, container: Container, items: Sequence[str]) -> Edit | None:
    """Items put behind the last one of a call, list, tuple, set or dict, in the layout that is there; None for a tuple without brackets."""
    text = Text(module)
    start, end = text.whole(container) if isinstance(container, cst.Tuple) else text.span(container)
    held = _items(container)
    if isinstance(container, cst.Tuple) and not container.lpar:
        return None
    close = end - 1
    if not held:
        return Edit(module.path, close, close, ", ".join(items)) if text.line_start(close) == text.line_start(start) else None
    last = text.whole(held[-1]).end
    between = text.text[last:close]
    comma = _has_comma(between)
    first, final = (_item_start(text, container, node) for node in (held[0], held[-1]))
    if not text.begins_line(final) or text.line_start(last) == text.line_start(start):
        at, lead = (close, "" if between.endswith(" ") else " ") if comma else (last, ", ")
        return Edit(module.path, at, at, lead + ", ".join(items))
    indent = text.indent(first) if text.begins_line(first) else text.indent(last)
    if comma and text.begins_line(close):
        at = text.line_start(close)
        return Edit(module.path, at, at, "".join(f"{indent}{item},{text.newline}" for item in items))
    at = last + between.index(",") if comma else last
    return Edit(module.path, at, at, "".join(f",{text.newline}{indent}{item}" for item in items))


def _has_comma(between: str) -> bool:
    return any(line.partition("#")[0].find(",") >= 0 for line in between.splitlines())


def _items(container: Container) -> list[cst.BaseExpression]:
    if isinstance(container, cst.Call):
        return [argument.value for argument in container.args]
    if isinstance(container, cst.Dict):
        return [element.value for element in container.elements]
    return [element.value for element in container.elements]


def _item_start(text: Text, container: Container, node: cst.BaseExpression) -> int:
    """Where an item begins: its keyword, key or stars included."""
    start = text.whole(node).start
    if isinstance(container, cst.Call):
        argument = next(argument for argument in container.args if argument.value is node)
        return text.span(argument.keyword).start if argument.keyword is not None else start - len(argument.star)
    if isinstance(container, cst.Dict):
        entry = next(entry for entry in container.elements if entry.value is node)
        return text.whole(entry.key).start if isinstance(entry, cst.DictElement) else start - 2
    item = next(element for element in container.elements if element.value is node)
    return start - 1 if isinstance(item, cst.StarredElement) else start


def keyword_set(module: SourceModule, call: cst.Call, name: str, code: str) -> Edit | None:
    """The keyword with this value, in the place of the one that is there or behind the last argument."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return replaced(module, argument.value, code)
    return added(module, call, [f"{name}={code}"])


def keyword_renamed(module: SourceModule, call: cst.Call, old: str, new: str) -> Edit | None:
    """The keyword under its new name, its value as it is."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == old:
            return replaced(module, argument.keyword, new)
    return None


def call_of(site: Site | None) -> cst.Call | None:
    """The call at a place, seen through the decorator that holds it."""
    if site is None:
        return None
    node = site.node.decorator if isinstance(site.node, cst.Decorator) else site.node
    return node if isinstance(node, cst.Call) else None


def entry_set(module: SourceModule, mapping: cst.Dict, key: str, code: str) -> Edit | None:
    """The entry of a dict, in the place of the one that is there or behind the last."""
    for element in mapping.elements:
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString) and element.key.evaluated_value == key:
            return replaced(module, element.value, code)
    return added(module, mapping, [f'"{key}": {code}'])


def chained(module: SourceModule, call: cst.BaseExpression, code: str) -> Edit:
    """A further builder call (`.apt_install("x")`) behind this one, on a line of its own where the chain has such lines."""
    text = Text(module)
    end = text.span(call).end
    dot = _dot(text, call)
    if dot is not None and text.begins_line(dot):
        return Edit(module.path, end, end, f"{text.newline}{text.indent(dot)}{code}")
    following = NEXT_LINE.match(text.text, end)
    return Edit(module.path, end, end, f"{text.newline}{following[1]}{code}" if following is not None else code)


# The next call of a chain on a line of its own.
NEXT_LINE = re.compile(r"[ \t]*(?:\r\n?|\n)([ \t]*)\.")


def _dot(text: Text, call: cst.BaseExpression) -> int | None:
    """Where the dot of the chain's last call stands."""
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    name = text.span(call.func.attr).start
    return text.text.rindex(".", 0, name)


def word_replaced(module: SourceModule, node: cst.CSTNode, old: str, new: str) -> Edit | None:
    """Part of a node's source (a string, a dotted name) replaced; None unless it stands there exactly once."""
    text = Text(module)
    start, end = text.span(node)
    found = [match.start() for match in re.finditer(re.escape(old), text.text[start:end])]
    if len(found) != 1 or any(mark in new for mark in "\"'\\{}\n"):
        return None
    at = start + found[0]
    return Edit(module.path, at, at + len(old), new)


def string_changed(site: Site, old: str, new: str) -> Edit | None:
    """Part of the string that stands at a place, or behind the name that stands there; None where it is written in no single string."""
    node = site.node.value if isinstance(site.node, cst.Arg) else site.node
    if isinstance(node, cst.Name):
        node = named_literal(site.module, node.value) or node
    if not isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
        return None
    return word_replaced(site.module, node, old, new)


def statement_of(module: SourceModule, node: cst.CSTNode) -> cst.CSTNode | None:
    """The innermost statement that holds a node."""
    path = _path(module.tree, node)
    kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
    return next((holder for holder in reversed(path) if isinstance(holder, kinds)), None)


def _path(root: cst.CSTNode, wanted: cst.CSTNode) -> list[cst.CSTNode]:
    """Nodes from the root to `wanted`, both included; empty when it is not in the tree."""
    stack: list[tuple[cst.CSTNode, tuple[cst.CSTNode, ...]]] = [(root, ())]
    while stack:
        node, above = stack.pop()
        here = (*above, node)
        if node is wanted:
            return list(here)
        stack += [(child, here) for child in node.children]
    return []


def named_literal(module: SourceModule, name: str) -> cst.BaseExpression | None:
    """What a name is assigned to, where the file assigns it exactly once."""
    found: list[cst.BaseExpression] = []
    stack: list[cst.CSTNode] = [module.tree]
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
            if node.value is not None and any(_is_name(target, name) for target in targets):
                found.append(node.value)
        stack += node.children
    return found[0] if len(found) == 1 else None


def _is_name(node: cst.BaseExpression, name: str) -> bool:
    if isinstance(node, cst.Attribute):
        return isinstance(node.value, cst.Name) and f"{node.value.value}.{node.attr.value}" == name
    return isinstance(node, cst.Name) and node.value == name
