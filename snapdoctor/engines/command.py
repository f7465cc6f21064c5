"""What a command line says about an option, by the rules of the engine's own parser."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from snapdoctor.engines.engine import Flag, Option, Spelling
from snapdoctor.engines.registry import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.values import Item
    from snapdoctor.engines.engine import Engine, Launch

PLAIN = Spelling()


def flag(launch: Launch, *names: str) -> Flag:
    """Whether one of these options is given, in any spelling that the launched engine understands, and its value; the last one wins."""
    found = _search(launch.argv, _wanted(names, launch.engine or ""))
    if found.present is False and launch.open:
        return Flag(None, None)
    return found


@lru_cache(maxsize=256)
def _wanted(names: tuple[str, ...], engine: str) -> _Wanted:
    return _Wanted(names, BY_NAME.get(engine))


def role(launch: Launch, meaning: str) -> Flag:
    """Like `flag`, for the options of this role (`model`, `host`, `no-warm-up`); surely absent when the engine has none."""
    engine = BY_NAME.get(launch.engine or "")
    names = engine.names(meaning) if engine is not None else ()
    return flag(launch, *names) if names else Flag(False, None)


class _Wanted:
    """The options looked for, and which further words are known to be values."""

    def __init__(self, names: tuple[str, ...], engine: Engine | None) -> None:
        self.spelling = engine.spelling if engine is not None else PLAIN
        known = engine.options if engine is not None else ()
        self.names = frozenset(names)
        self.shortest = tuple((option.shortest, option.names) for option in known if option.shortest and set(names) & set(option.names))
        self.valued = frozenset((*_valued(known), *(engine.valued if engine is not None else ())))

    def is_this(self, word: str) -> bool:
        plain = word.replace("_", "-") if self.spelling.underscores == "same" and word.startswith("--") else word
        if plain in self.names:
            return True
        return any(
            len(plain) >= len(shortest) and any(name in self.names and name.startswith(plain) for name in names)
            for shortest, names in self.shortest
        )

    def takes_value(self, word: str | None) -> bool:
        return word is not None and "=" not in word and word in self.valued


def _valued(options: tuple[Option, ...]) -> Iterator[str]:
    for option in options:
        if not option.switch:
            yield from option.names


def _search(items: tuple[Item, ...], wanted: _Wanted) -> Flag:
    from snapdoctor.app.values import Spread, sketch

    result = Flag(False, None)
    before: str | None = None
    for index, item in enumerate(items):
        if isinstance(item, Spread):
            inner = [_search(run, wanted) for run in item.options or ()]
            if item.options is None or any(one.present is not False for one in inner):
                sure = bool(inner) and all(one.present is True for one in inner)
                result = Flag(True, inner[0].value) if sure else (result if result.present else Flag(None, None))
            before = None
            continue
        word = sketch(item)
        if word is None:
            if not wanted.takes_value(before):
                result = result if result.present else Flag(None, None)
            before = None
            continue
        name, equals, value = word.partition("=")
        if wanted.is_this(name):
            following = items[index + 1] if index + 1 < len(items) else None
            after = sketch(following) if following is not None and not isinstance(following, Spread) else None
            result = Flag(True, value if equals else (after if after is not None and not after.startswith("--") else None))
        before = word
    return result
