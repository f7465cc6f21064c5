"""The rules, found by listing the folders of `snapdoctor.rules`; adding a folder adds a rule."""

from __future__ import annotations

import difflib
import importlib
import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import snapdoctor.rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snapdoctor.app.model import Deployment
    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Fix
    from snapdoctor.logs.signature import Signature
    from snapdoctor.rehearsal.model import Rehearsal
    from snapdoctor.rule import Hazard, Observation, Rule, Sighting

    Check = Callable[[Deployment], Iterator[Hazard]]
    ContainerCheck = Callable[[ContainerState], Iterator[Sighting]]
    RehearsalCheck = Callable[[Rehearsal], Iterator[Observation]]
    Remedy = Callable[[Deployment, Hazard], Fix | None]


class CatalogError(Exception):
    """A rule that cannot be loaded, or a selector that names none; the gate must not go green over it."""


class Entry(NamedTuple):
    """A rule and the folder it lives in."""

    rule: Rule
    folder: str

    @property
    def has_source_check(self) -> bool:
        """Whether the hazard can be seen in source."""
        return "source.py" in _files(self.folder)

    def source_check(self) -> Check:
        """The rule's check over a deployment; raises `CatalogError` when it cannot be loaded."""
        check: Check = _loaded(self.folder, "source", "check")
        return check

    @property
    def has_container_check(self) -> bool:
        """Whether the hazard can be seen in a running container."""
        return "container.py" in _files(self.folder)

    def container_check(self) -> ContainerCheck:
        """The rule's check over a container's state; raises `CatalogError` when it cannot be loaded."""
        check: ContainerCheck = _loaded(self.folder, "container", "check")
        return check

    @property
    def has_rehearsal_check(self) -> bool:
        """Whether the hazard can be seen happening in a rehearsal."""
        return "rehearsal.py" in _files(self.folder)

    def rehearsal_check(self) -> RehearsalCheck:
        """The rule's check over a rehearsed life; raises `CatalogError` when it cannot be loaded."""
        check: RehearsalCheck = _loaded(self.folder, "rehearsal", "check")
        return check

    def could_show(self, state: ContainerState) -> bool:
        """Whether a container with this state could show the hazard at all, so that its absence says something."""
        if not self.has_container_check:
            return False
        self.container_check()
        asked = getattr(importlib.import_module(f"snapdoctor.rules.{self.folder}.container"), "could_show", None)
        return asked is None or bool(asked(state))

    def signatures(self) -> tuple[Signature, ...]:
        """The texts that the hazard leaves in logs; raises `CatalogError` when they cannot be loaded."""
        if "log.py" not in _files(self.folder):
            return ()
        found: tuple[Signature, ...] = _loaded(self.folder, "log", "SIGNATURES")
        return found

    def fix(self) -> Remedy | None:
        """What makes a fix of one of its hazards; None where the rule has none. Raises `CatalogError` when it cannot be loaded."""
        if "fix.py" not in _files(self.folder):
            return None
        remedy: Remedy = _loaded(self.folder, "fix", "fix")
        return remedy

    def page(self) -> str:
        """The rule's page in Markdown."""
        with open(os.path.join(_root(), self.folder, "README.md"), encoding="utf-8") as file:
            return file.read()


def _root() -> str:
    return next(iter(snapdoctor.rules.__path__))


@cache
def _files(folder: str) -> frozenset[str]:
    return frozenset(os.listdir(os.path.join(_root(), folder)))


@cache
def _loaded(folder: str, module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(f"snapdoctor.rules.{folder}.{module}"), name)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise CatalogError(f"{folder}/{module}.py cannot be loaded: {error}") from error


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every rule in code order; raises `CatalogError` for one that cannot be loaded or a code used twice."""
    found: dict[str, Entry] = {}
    for folder in sorted(os.listdir(_root())):
        if not os.path.exists(os.path.join(_root(), folder, "__init__.py")):
            continue
        try:
            rule: Rule = importlib.import_module(f"snapdoctor.rules.{folder}").RULE
        except (ImportError, AttributeError, SyntaxError) as error:
            raise CatalogError(f"the rule folder {folder} cannot be loaded: {error}") from error
        if rule.code in found:
            raise CatalogError(f"{rule.code} is used by both {found[rule.code].folder} and {folder}")
        found[rule.code] = Entry(rule, folder)
    return tuple(found[code] for code in sorted(found))


def find(word: str) -> Entry:
    """The rule of this code or name; raises `CatalogError` with the nearest one."""
    for entry in entries():
        if word.upper() == entry.rule.code or word.lower() == entry.rule.name:
            return entry
    raise CatalogError(_unknown(word))


def selected(words: tuple[str, ...]) -> frozenset[str]:
    """Codes matched by codes, code prefixes (`SNAP3`), names or `ALL`; raises `CatalogError` for a word that matches none."""
    codes: set[str] = set()
    for word in words:
        matched = [
            entry.rule.code
            for entry in entries()
            if word.upper() == "ALL"
            or word.lower() == entry.rule.name
            or (word.upper().startswith("SNAP") and entry.rule.code.startswith(word.upper()))
        ]
        if not matched:
            raise CatalogError(_unknown(word))
        codes.update(matched)
    return frozenset(codes)


def _unknown(word: str) -> str:
    known = [text for entry in entries() for text in (entry.rule.code, entry.rule.name)]
    near = difflib.get_close_matches(word.upper(), known, 1) or difflib.get_close_matches(word.lower(), known, 1)
    hint = f"; did you mean {near[0]}?" if near else "; `snapdoctor rules` lists them"
    return f"no rule is called {word!r}{hint}"
