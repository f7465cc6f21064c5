"""What a command line says about an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.engines.engine import Flag

if TYPE_CHECKING:
    from snapdoctor.app.values import Item
    from snapdoctor.engines.engine import Launch


def flag(launch: Launch, *spellings: str, prefix: str | None = None, underscores: bool = False) -> Flag:
    """Whether one of the spellings is given, and its value; the last one wins.

    `prefix`: any abbreviation down to this much counts (argparse). `underscores`: `--a_b` equals `--a-b` (vLLM, llama.cpp).
    """
    found = _search(launch.argv, spellings, prefix, underscores, 0)
    if found.present is False and launch.open:
        return Flag(None, None)
    return found


def _search(items: tuple[Item, ...], spellings: tuple[str, ...], prefix: str | None, underscores: bool, depth: int) -> Flag:
    from snapdoctor.app.values import Spread, sketch

    result = Flag(False, None)
    for index, item in enumerate(items):
        if isinstance(item, Spread):
            inner = [_search(run, spellings, prefix, underscores, depth + 1) for run in item.options or ()]
            if item.options is None or any(one.present is not False for one in inner):
                sure = bool(inner) and all(one.present is True for one in inner)
                result = Flag(True, inner[0].value) if sure else (result if result.present else Flag(None, None))
            continue
        word = sketch(item)
        if word is None:
            result = result if result.present else Flag(None, None)
            continue
        name, equals, value = word.partition("=")
        if _is(name, spellings, prefix, underscores):
            following = items[index + 1] if index + 1 < len(items) else None
            after = sketch(following) if following is not None and not isinstance(following, Spread) else None
            result = Flag(True, value if equals else (after if after is not None and not after.startswith("--") else None))
    return result


def _is(name: str, spellings: tuple[str, ...], prefix: str | None, underscores: bool) -> bool:
    plain = name.replace("_", "-") if underscores and name.startswith("--") else name
    if plain in spellings:
        return True
    return prefix is not None and len(plain) >= len(prefix) and any(spelling.startswith(plain) for spelling in spellings)
