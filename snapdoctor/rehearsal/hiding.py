"""Values of Secrets, kept out of what a rehearsal tells: its reports are sent to places that its terminal is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snapdoctor.rehearsal.model import Rehearsal

MASK = "***"
# What is shorter (`1`, `true`, `prod`) is no key, and is everywhere.
SHORTEST = 6
# Names and measures, which come from the source, and states, which hide keys by themselves.
UNTOUCHED = frozenset(
    ("target", "deployment", "method", "kind", "modal", "snapshot", "phases", "hooks", "imports", "copies", "state", "served")
)


def hiding(values: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces these values in a text, also where Python or JSON wrote them escaped, and single lines of long ones."""
    written = {form for value in values for part in {value, *value.splitlines()} if len(part) >= SHORTEST for form in _written(part)}
    if not written:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(one) for one in sorted(written, key=len, reverse=True)))
    return lambda text: pattern.sub(MASK, text)


def _written(value: str) -> tuple[str, ...]:
    return value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]


def without_secrets(rehearsal: Rehearsal, hide: Callable[[str], str]) -> Rehearsal:
    """The same rehearsal, everything in it that the app or a tool wrote freely passed through `hide`."""
    told = {name: value for name, value in rehearsal._asdict().items() if name not in UNTOUCHED}
    return rehearsal._replace(**{name: _hidden(value, hide) for name, value in told.items()})


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, tuple):
        items = [_hidden(item, hide) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value
