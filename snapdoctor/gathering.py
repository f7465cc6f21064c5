"""Gather what source, container and log say of one app."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.evidence import entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.app.model import App
    from snapdoctor.container.model import ContainerState
    from snapdoctor.evidence import Entry
    from snapdoctor.finding import Finding


class Checkup(NamedTuple):
    """Everything that is known of one app."""

    entries: tuple[Entry, ...]
    """Each hazard once, the most decisive first."""
    source: tuple[Finding, ...]
    app: App | None
    """None: the source cannot be read as Python."""
    asked: str
    """What was looked at, in words."""


class Log(NamedTuple):
    """A log to look at."""

    name: str
    chunks: Iterable[bytes]
    """Cut anywhere."""


def gathered(path: Path, log: Log | None = None, state: ContainerState | None = None) -> Checkup:
    """Lint the app, run the container checks over the state and name the failures in the log.

    Raises `linting.UnreadableFile` for a file that cannot be read, or that is no Modal app.
    """
    from snapdoctor import linting, probing
    from snapdoctor.logs import diagnosis

    codes = linting.active_codes((), ())
    source = linting.lint_file(path, codes)
    if not source.is_app:
        raise linting.UnreadableFile(f"{path}: this is no Modal app: it does not import modal")
    container = probing.findings(state, codes) if state is not None else ()
    told = diagnosis.findings(diagnosis.diagnose(log.chunks), log.name) if log is not None else ()
    checked = probing.telling(state, codes) if state is not None else frozenset()
    words = ["the source", *(["the container"] if state is not None else []), *(["the log"] if log is not None else [])]
    asked = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return Checkup(entries(source.findings, container, told, state, checked), source.findings, _app(path), asked)


def _app(path: Path) -> App | None:
    from snapdoctor.app.module import Unparsable
    from snapdoctor.app.reader import read_app

    try:
        return read_app(path)
    except Unparsable:
        return None
