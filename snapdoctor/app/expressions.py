"""Evaluate expressions to abstract values."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import libcst as cst

from snapdoctor.app import attributes, calls, environment
from snapdoctor.app.objects import Bound, Class, Function, ModuleObject, Object
from snapdoctor.app.scope import join
from snapdoctor.app.taint import origin
from snapdoctor.app.values import (
    ABSENT,
    UNKNOWN,
    Arguments,
    Choice,
    Const,
    Item,
    Made,
    Mapping,
    Reference,
    Sequence,
    Spread,
    Text,
    Unknown,
    Value,
    constant,
    is_likely,
    options,
)

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event, Site
    from snapdoctor.app.scope import Frame

_KEYWORDS = {"True": True, "False": False, "None": None}
LONGEST = 100_000
DEEPEST = 60


def evaluate(machine: Machine, node: cst.BaseExpression, frame: Frame) -> Value:
    """What the expression is, recording what evaluating it does."""
    handler = _EXPRESSIONS.get(type(node))
    if handler is None or not machine.spend():
        return UNKNOWN
    machine.depth += 1
    try:
        return UNKNOWN if machine.depth > DEEPEST * 4 else handler(machine, node, frame)
    finally:
        machine.depth -= 1


def truth(value: Value) -> bool | None:
    """Whether a value is surely true or false."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Choice):
        found = {truth(option) for option in options(value)}
        return found.pop() if len(found) == 1 else None
    if isinstance(value, Sequence):
        if any(not isinstance(item, Spread) for item in value.items):
            return True
        return None if value.items else False
    if isinstance(value, Mapping):
        if any(ABSENT not in options(entry) for entry in value.entries.values()):
            return True
        return None if value.open or value.entries else False
    if isinstance(value, Text):
        return True if any(isinstance(part, str) and part for part in value.parts) else None
    if isinstance(value, (Object, Function, Class, Bound, ModuleObject)):
        return True
    return None


def iterate(value: Value) -> tuple[Item, ...]:
    """The items of a value that is looped over or unpacked; one unknown run where they are unknown."""
    if isinstance(value, Sequence):
        return value.items
    if isinstance(value, Mapping):
        keys: tuple[Item, ...] = tuple(Const(key) for key in value.entries)
        return (*keys, Spread(None)) if value.open else keys
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and len(value.value) <= 64:
        return tuple(Const(character) for character in value.value)
    if isinstance(value, Choice):
        runs = tuple(iterate(option) for option in value.options)
        return (Spread(runs),)
    return (Spread(None),)


def _name(machine: Machine, node: cst.Name, frame: Frame) -> Value:
    name = node.value
    if name in _KEYWORDS:
        return Const(_KEYWORDS[name])
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.names and name not in scope.globals:
            return attributes.noticed(machine, scope.names[name], scope.names is scope.shared)
        scope = scope.outer
    if name in frame.shared:
        return attributes.noticed(machine, frame.shared[name], True)
    if name == "__file__":
        return Const(frame.module.path)
    if name == "__name__":
        return Const(frame.module.name)
    if name in attributes.BUILTINS:
        return Reference(f"builtins.{name}")
    return Unknown(name)


def _attribute(machine: Machine, node: cst.Attribute, frame: Frame) -> Value:
    holder = evaluate(machine, node.value, frame)
    return attributes.attribute(machine, holder, node.attr.value, machine.site(frame, node))


def _string(machine: Machine, node: cst.SimpleString, frame: Frame) -> Value:
    written = node.value
    # Most strings say themselves; only the others are worth a compilation.
    if written[0] in "\"'" and "\\" not in written and written[:3] not in ('"""', "'''"):
        return Const(written[1:-1])
    return Const(node.evaluated_value)


def _concatenated(machine: Machine, node: cst.ConcatenatedString, frame: Frame) -> Value:
    return add_text(evaluate(machine, node.left, frame), evaluate(machine, node.right, frame))


def _formatted(machine: Machine, node: cst.FormattedString, frame: Frame) -> Value:
    parts: list[str | Value] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(_unescaped(part.value, node))
        elif isinstance(part, cst.FormattedStringExpression):
            value = evaluate(machine, part.expression, frame)
            plain = part.format_spec is None and part.conversion is None
            parts.append(value if plain else _spelled(value, part))
    return text_of(parts)


def _unescaped(value: str, node: cst.FormattedString) -> str:
    value = value.replace("{{", "{").replace("}}", "}")
    if "r" in node.prefix.lower() or "\\" not in value:
        return value
    try:
        return value.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return value


def _spelled(value: Value, part: cst.FormattedStringExpression) -> Value:
    """A formatted piece: known only for simple specifications of a constant."""
    if not isinstance(value, Const):
        return UNKNOWN
    spec = ""
    for piece in part.format_spec or ():
        if not isinstance(piece, cst.FormattedStringText):
            return UNKNOWN
        spec += piece.value
    found = repr(value.value) if part.conversion == "r" else value.value
    try:
        return Const(format(found, spec), value.likely)
    except (ValueError, TypeError):
        return UNKNOWN


def text_of(parts: list[str | Value]) -> Value:
    """Put string pieces together; a `Const` when all are known."""
    merged: list[str | Value] = []
    likely = False
    for part in parts:
        pieces: tuple[str | Value, ...] = part.parts if isinstance(part, Text) else (part,)
        for piece in pieces:
            known = piece if isinstance(piece, str) else constant(piece)
            if known is UNKNOWN:
                merged.append(piece)
                continue
            likely = likely or (not isinstance(piece, str) and is_likely(piece))
            if merged and isinstance(merged[-1], str):
                merged[-1] += str(known)
            else:
                merged.append(str(known))
    if sum(len(part) for part in merged if isinstance(part, str)) > LONGEST:
        return UNKNOWN
    if not merged:
        return Const("")
    if len(merged) == 1 and isinstance(merged[0], str):
        return Const(merged[0], likely, _origin_of(parts))
    return Text(tuple(merged))


def _origin_of(parts: list[str | Value]) -> Any:
    return next((found for part in parts if not isinstance(part, str) and (found := origin(part)) is not None), None)


def add_text(left: Value, right: Value) -> Value:
    """Concatenate two strings, known or with holes."""
    if isinstance(left, Const) and isinstance(right, Const) and isinstance(left.value, bytes) and isinstance(right.value, bytes):
        return Const(left.value + right.value)
    return text_of([left, right])


def _sequence(kind: str) -> Any:
    def build(machine: Machine, node: cst.List | cst.Tuple | cst.Set, frame: Frame) -> Value:
        items: list[Item] = []
        for element in node.elements:
            value = evaluate(machine, element.value, frame)
            if isinstance(element, cst.StarredElement):
                items.extend(iterate(value))
            else:
                items.append(value)
        return Sequence(tuple(items), kind, machine.site(frame, node))

    return build


def _dict(machine: Machine, node: cst.Dict, frame: Frame) -> Value:
    made = Mapping({}, site=machine.site(frame, node))
    for element in node.elements:
        value = evaluate(machine, element.value, frame)
        if isinstance(element, cst.StarredDictElement):
            merge_into(made, environment.whole(machine) if isinstance(value, Reference) and value.name == "os.environ" else value)
            continue
        if not isinstance(element, cst.DictElement):
            continue
        key = evaluate(machine, element.key, frame)
        if isinstance(key, Const) and isinstance(key.value, (str, int, float, bool, bytes, type(None))):
            made.entries[key.value] = value
            made.sites[key.value] = machine.site(frame, element)
        else:
            made.open = True
    return made


def merge_into(made: Mapping, value: Value) -> None:
    """Spread `**value` into a new mapping."""
    if isinstance(value, Mapping):
        for key, entry in value.entries.items():
            before = made.entries.get(key)
            made.entries[key] = (
                join([before or ABSENT, *(o for o in options(entry) if o is not ABSENT)]) if ABSENT in options(entry) else entry
            )
            if key in value.sites:
                made.sites[key] = value.sites[key]
        made.open = made.open or value.open
    elif isinstance(value, Choice):
        _merge_choice(made, value)
    elif isinstance(value, Const) and value.value is None:
        return
    else:
        made.open = True


def _merge_choice(made: Mapping, value: Choice) -> None:
    """`**(a if condition else b)`: keys that one branch lacks may be absent."""
    arms = []
    for option in value.options:
        arm = Mapping(dict(made.entries), made.open, sites=dict(made.sites))
        merge_into(arm, option)
        arms.append(arm)
    for key in {key: None for arm in arms for key in arm.entries}:
        made.entries[key] = join([arm.entries.get(key, ABSENT) for arm in arms])
        for arm in arms:
            made.sites.update(arm.sites)
    made.open = any(arm.open for arm in arms)


def _call(machine: Machine, node: cst.Call, frame: Frame) -> Value:
    callee = evaluate(machine, node.func, frame)
    arguments = _arguments(machine, node, frame)
    return calls.call(machine, callee, arguments, machine.site(frame, node), frame, _spelling(node.func))


def _spelling(node: cst.BaseExpression) -> str:
    """How a callee is written, for calls into code that cannot be read."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{_spelling(node.value)}.{node.attr.value}"
    if isinstance(node, cst.Call):
        return f"{_spelling(node.func)}()"
    return "?"


def _arguments(machine: Machine, node: cst.Call, frame: Frame) -> Arguments:
    made = Arguments()
    if not node.args:
        return made
    positional: list[Value] = []
    keywords = Mapping({})
    sites: dict[str | int, Site] = {}
    opened = False
    for argument in node.args:
        value = evaluate(machine, argument.value, frame)
        site = machine.site(frame, argument)
        if argument.star == "*":
            for item in iterate(value):
                opened = opened or isinstance(item, Spread)
                positional.append(UNKNOWN if isinstance(item, Spread) else item)
        elif argument.star == "**":
            merge_into(keywords, value)
            sites.update({key: at for key, at in keywords.sites.items() if isinstance(key, str)})
        elif argument.keyword is not None:
            keywords.entries[argument.keyword.value] = value
            sites[argument.keyword.value] = site
        else:
            sites[len(positional)] = site
            positional.append(value)
    named = {key: value for key, value in keywords.entries.items() if isinstance(key, str)}
    return Arguments(tuple(positional), named, opened or keywords.open, sites)


def _binary(machine: Machine, node: cst.BinaryOperation, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    right = evaluate(machine, node.right, frame)
    return binary(machine, type(node.operator), left, right, machine.site(frame, node))


def binary(machine: Machine, kind: type[cst.BaseBinaryOp] | None, left: Value, right: Value, site: Site) -> Value:
    """An arithmetic, string or list operation."""
    if kind is cst.Add:
        if isinstance(left, Sequence) or isinstance(right, Sequence):
            return Sequence((*iterate(left), *iterate(right)), left.kind if isinstance(left, Sequence) else "list", site)
        if _stringy(left) or _stringy(right):
            return add_text(left, right)
    if kind is cst.BitOr and isinstance(left, Mapping):
        made = Mapping(dict(left.entries), left.open, site, dict(left.sites))
        merge_into(made, right)
        return made
    if (
        kind is cst.Divide
        and (_stringy(left) or (_stringy(right) and isinstance(left, Unknown)))
        and (_stringy(right) or not isinstance(right, Const))
    ):
        return text_of([left, "" if _ends_with_slash(left) else "/", right])
    if isinstance(left, Choice) and len(left.options) * (len(right.options) if isinstance(right, Choice) else 1) <= 6:
        return join([binary(machine, kind, option, right, site) for option in options(left)])
    if isinstance(left, Const) and isinstance(right, Const):
        return _computed(kind, left, right)
    if kind is cst.Multiply and isinstance(left, Sequence):
        return Sequence((*left.items, Spread(None)), left.kind, site)
    event = origin(left) or origin(right)
    if kind is cst.Subtract and _is_time(origin(left)) and _is_time(origin(right)):
        return UNKNOWN  # a duration: it no longer says when
    if event is not None:
        return Made("computed", base=left if origin(left) else right, site=site, event=event)
    return UNKNOWN


def _is_time(event: Event | None) -> bool:
    return event is not None and event.kind == "clock"


def _stringy(value: Value) -> bool:
    return isinstance(value, Text) or (isinstance(value, Const) and isinstance(value.value, str))


def _ends_with_slash(value: Value) -> bool:
    return isinstance(value, Const) and str(value.value).endswith("/")


def _computed(kind: Any, left: Const, right: Const) -> Value:
    function = _OPERATORS.get(kind)
    if function is None:
        return UNKNOWN
    if kind is cst.Power and not (isinstance(right.value, int) and abs(right.value) <= 64):
        return UNKNOWN
    if kind is cst.Multiply and not _small_product(left.value, right.value):
        return UNKNOWN
    try:
        return Const(function(left.value, right.value), left.likely or right.likely, left.origin or right.origin)
    except Exception:
        return UNKNOWN


def _small_product(left: object, right: object) -> bool:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, (str, bytes)) and isinstance(other, int):
            return len(one) * other <= LONGEST
    return True


def _comparison(machine: Machine, node: cst.Comparison, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    result: Value = Const(True)
    for target in node.comparisons:
        right = evaluate(machine, target.comparator, frame)
        one = _compared(type(target.operator), left, right)
        decided = truth(one)
        if decided is False:
            return one
        result = one if decided is None or is_likely(one) else result
        left = right
    return result


def _compared(kind: Any, left: Value, right: Value) -> Value:
    if kind in (cst.In, cst.NotIn):
        return _contained(kind, left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        function = _COMPARISONS.get(kind)
        if function is None:
            return UNKNOWN
        try:
            return Const(bool(function(left.value, right.value)), left.likely or right.likely)
        except TypeError:
            return UNKNOWN
    if kind in (cst.Is, cst.IsNot) and isinstance(right, Const) and right.value is None and _surely_something(left):
        return Const(kind is cst.IsNot)
    return UNKNOWN


def _surely_something(value: Value) -> bool:
    if isinstance(value, Made):
        return value.event is not None and value.event.kind == "load"
    return isinstance(value, (Object, Function, Class, Sequence, Mapping, Text))


def _contained(kind: Any, left: Value, right: Value) -> Value:
    found: bool | None = None
    if isinstance(left, Const):
        if isinstance(right, Const) and isinstance(right.value, str) and isinstance(left.value, str):
            found = left.value in right.value
        elif isinstance(right, Mapping) and not right.open and isinstance(left.value, (str, int)):
            entry = right.entries.get(left.value, ABSENT)
            found = None if isinstance(entry, Choice) and ABSENT in options(entry) else entry is not ABSENT
        elif isinstance(right, Sequence) and all(isinstance(item, Const) for item in right.items):
            found = any(isinstance(item, Const) and item.value == left.value for item in right.items)
    if found is None:
        return UNKNOWN
    return Const(found if kind is cst.In else not found, is_likely(left) or is_likely(right))


def _boolean(machine: Machine, node: cst.BooleanOperation, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    decided = truth(left)
    both = isinstance(node.operator, cst.And)
    if decided is not None:
        if decided is both:
            right = evaluate(machine, node.right, frame)
            return _marked(right, is_likely(left))
        return left
    with machine.undecided_branch():
        right = evaluate(machine, node.right, frame)
    return join([left, right]) if not isinstance(left, Unknown) else (UNKNOWN if both else join([UNKNOWN, right]))


def _marked(value: Value, likely: bool) -> Value:
    if likely and isinstance(value, Const) and not value.likely:
        return Const(value.value, True, value.origin)
    return value


def _unary(machine: Machine, node: cst.UnaryOperation, frame: Frame) -> Value:
    value = evaluate(machine, node.expression, frame)
    if isinstance(node.operator, cst.Not):
        decided = truth(value)
        return UNKNOWN if decided is None else Const(not decided, is_likely(value))
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        if isinstance(node.operator, cst.Minus):
            return Const(-value.value, value.likely)
        return value if isinstance(node.operator, cst.Plus) else UNKNOWN
    return UNKNOWN


def _conditional(machine: Machine, node: cst.IfExp, frame: Frame) -> Value:
    test = evaluate(machine, node.test, frame)
    decided = truth(test)
    if decided is not None:
        return _marked(evaluate(machine, node.body if decided else node.orelse, frame), is_likely(test))
    with machine.undecided_branch():
        return join([evaluate(machine, node.body, frame), evaluate(machine, node.orelse, frame)])


def _subscript(machine: Machine, node: cst.Subscript, frame: Frame) -> Value:
    holder = evaluate(machine, node.value, frame)
    if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        sliced = node.slice[0].slice if len(node.slice) == 1 else None
        return attributes.sliced(machine, holder, sliced, frame) if isinstance(sliced, cst.Slice) else UNKNOWN
    key = evaluate(machine, node.slice[0].slice.value, frame)
    return attributes.item(machine, holder, key, machine.site(frame, node))


def _lambda(machine: Machine, node: cst.Lambda, frame: Frame) -> Value:
    return Function("<lambda>", node, frame.module, frame)


def _await(machine: Machine, node: cst.Await, frame: Frame) -> Value:
    return evaluate(machine, node.expression, frame)


def _walrus(machine: Machine, node: cst.NamedExpr, frame: Frame) -> Value:
    from snapdoctor.app.stores import store

    value = evaluate(machine, node.value, frame)
    store(machine, node.target, value, frame)
    return value


def _yield(machine: Machine, node: cst.Yield, frame: Frame) -> Value:
    if isinstance(node.value, cst.From):
        evaluate(machine, node.value.item, frame)
    elif node.value is not None:
        value = evaluate(machine, node.value, frame)
        frame.returned.append(value)
    return UNKNOWN


def _number(machine: Machine, node: cst.Integer | cst.Float, frame: Frame) -> Value:
    try:
        return Const(node.evaluated_value)
    except (ValueError, OverflowError):
        return UNKNOWN


def _comprehension(machine: Machine, node: Any, frame: Frame) -> Value:
    from snapdoctor.app.comprehensions import comprehension

    return comprehension(machine, node, frame)


_OPERATORS: dict[Any, Any] = {
    cst.Add: operator.add, cst.Subtract: operator.sub, cst.Multiply: operator.mul, cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv, cst.Modulo: operator.mod, cst.Power: operator.pow, cst.BitOr: operator.or_,
    cst.BitAnd: operator.and_,
}  # fmt: skip
_COMPARISONS: dict[Any, Any] = {
    cst.Equal: operator.eq, cst.NotEqual: operator.ne, cst.LessThan: operator.lt, cst.GreaterThan: operator.gt,
    cst.LessThanEqual: operator.le, cst.GreaterThanEqual: operator.ge, cst.Is: operator.is_, cst.IsNot: operator.is_not,
}  # fmt: skip
_EXPRESSIONS: dict[type[cst.CSTNode], Any] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Integer: _number,
    cst.Float: _number,
    cst.List: _sequence("list"),
    cst.Tuple: _sequence("tuple"),
    cst.Set: _sequence("set"),
    cst.Dict: _dict,
    cst.Call: _call,
    cst.BinaryOperation: _binary,
    cst.Comparison: _comparison,
    cst.BooleanOperation: _boolean,
    cst.UnaryOperation: _unary,
    cst.IfExp: _conditional,
    cst.Subscript: _subscript,
    cst.Lambda: _lambda,
    cst.Await: _await,
    cst.NamedExpr: _walrus,
    cst.Yield: _yield,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _comprehension,
}
