"""A snapshot-compatibility linter and diagnostic doctor for apps that use GPU memory snapshots on Modal.

The functions here are the stable interface; everything else may change between versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from snapdoctor.checking import LookFailed as LookFailed
    from snapdoctor.checking import Restored as Restored
    from snapdoctor.checking import SnapshotHazard as SnapshotHazard
    from snapdoctor.checking import check as check
    from snapdoctor.checking import check_async as check_async
    from snapdoctor.checking import restored as restored
    from snapdoctor.checking import restored_async as restored_async
    from snapdoctor.evidence import Entry
    from snapdoctor.finding import Finding

__version__ = "0.1.0"
__all__ = [
    "LookFailed", "Restored", "SnapshotHazard", "__version__", "check", "check_async", "checkup", "diagnose", "lint", "probe", "restored", "restored_async",
]  # fmt: skip

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """What is called from an app's hooks, imported when it is asked for: linting needs none of it."""
        if name not in __all__:
            raise AttributeError(f"module 'snapdoctor' has no attribute {name!r}")
        from snapdoctor import checking

        return getattr(checking, name)


def lint(
    *paths: str | os.PathLike[str], select: Iterable[str] = (), ignore: Iterable[str] = (), extend_select: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """Findings of the Modal apps among these files and folders, by path and line; configuration files are not read.

    `select`, `ignore` and `extend_select` hold codes, prefixes such as `SNAP3`, names or `ALL`. Nothing of the apps is run. Raises
    `discovery.MissingPath`, `linting.UnreadableFile` and, for a word that names no rule, `catalog.CatalogError`.
    """
    from snapdoctor.discovery import python_files
    from snapdoctor.linting import active_codes, lint_files

    codes = active_codes(tuple(select), tuple(ignore), tuple(extend_select))
    results = lint_files(python_files(tuple(str(path) for path in paths)), codes)
    return tuple(dict.fromkeys(finding for result in results for finding in result.findings))


def probe(
    pid: int | None = None, *, select: Iterable[str] = (), ignore: Iterable[str] = (), extend_select: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """What stands in the way of a snapshot of the tree below `pid`, or of this whole container; the worst first. Linux only.

    Raises `LookFailed` and, for a word that names no rule, `catalog.CatalogError`.
    """
    from snapdoctor.linting import active_codes
    from snapdoctor.probing import findings, live_state

    return findings(live_state(pid), active_codes(tuple(select), tuple(ignore), tuple(extend_select)))


def diagnose(lines: Iterable[str | bytes], name: str = "<log>") -> tuple[Finding, ...]:
    """Known failures in a log, the likely cause first, each at its first line; `name` is the path that they carry.

    `lines` may be an open file in either mode, or any cut of the log. Memory is bounded, whatever its length.
    """
    from snapdoctor.logs import diagnosis

    return diagnosis.findings(diagnosis.diagnose(_chunks(lines)), name)


def checkup(
    app: str | os.PathLike[str], *, log: Iterable[str | bytes] | None = None, state: str | bytes | None = None
) -> tuple[Entry, ...]:
    """What an app's source, its log and its container's state say together: each hazard once, the most decisive first.

    `log` is as for `diagnose`; `state` is the JSON document that `snapdoctor probe --save` writes. Raises `linting.UnreadableFile` and
    `container.document.BadState`.
    """
    from pathlib import Path

    from snapdoctor.container.document import from_json
    from snapdoctor.gathering import Log, gathered

    return gathered(
        Path(app), Log("<log>", _chunks(log)) if log is not None else None, from_json(state) if state is not None else None
    ).entries


def _chunks(lines: Iterable[str | bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
