"""Run the rules over files: gate, read, check, silence, locate, suppress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import catalog
from snapdoctor.finding import Confidence, Finding, Location, Related, Severity
from snapdoctor.gate import may_be_app
from snapdoctor.suppression import unsuppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snapdoctor.app.model import App, Deployment, Site
    from snapdoctor.app.resolved import ResolvedApp
    from snapdoctor.catalog import Entry
    from snapdoctor.rule import Hazard

    Resolve = Callable[[Path], ResolvedApp]

UNPARSABLE = "SNAP901"
POOL_FROM = 12
LARGEST_CHUNK = 32


class FileResult(NamedTuple):
    """What linting one file gave."""

    path: str
    findings: tuple[Finding, ...]
    is_app: bool
    read: tuple[str, ...] = ()
    """Every file the reading depended on, the file itself included."""


class UnreadableFile(Exception):
    """A file that could not be read at all."""


def lint_file(path: Path, codes: frozenset[str], source: bytes | None = None, resolve: Resolve | None = None) -> FileResult:
    """Lint one file with these rules; raises `UnreadableFile`, `catalog.CatalogError` and whatever `resolve` raises.

    `resolve` says what deploying the file would send, which then stands in the place of what was read; it is asked about apps only.
    """
    shown = str(path)
    if source is None:
        try:
            source = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{shown}: it cannot be read: {error.strerror}") from error
    if not may_be_app(source):
        return FileResult(shown, (), False, (shown,))
    from snapdoctor.app.module import Unparsable
    from snapdoctor.app.project import Project
    from snapdoctor.app.reader import read_project
    from snapdoctor.app.resolved import merge

    project = Project(path)
    project.given[shown] = source
    try:
        app = read_project(project)
    except Unparsable as error:
        return FileResult(shown, _only((_unparsable(error),), codes), True, (shown,))
    sources = b"".join(project.read.values())
    findings = _check(app, codes, sources)
    if resolve is not None and any(deployment.kind != "mixin" for deployment in app.deployments):
        merge(app, resolve(path))
        findings = _with_known_fixes(_check(app, codes, sources), findings)
    findings = unsuppressed(findings, project.read, codes, shown)
    return FileResult(shown, tuple(sorted(set(findings), key=_order)), True, tuple(project.read))


def lint_files(paths: list[Path], codes: frozenset[str]) -> list[FileResult]:
    """Lint many files, in worker processes when there are enough of them; results in the order of `paths`."""
    catalog.entries()
    plain, apps = _gated(paths)
    if len(apps) < POOL_FROM:
        return _merged(paths, plain, [lint_file(path, codes) for path in apps])
    import os
    from concurrent.futures import ProcessPoolExecutor
    from itertools import repeat

    import libcst  # noqa: F401 - imported before the fork, so that the workers share it

    workers = min(os.cpu_count() or 1, 8)
    chunk = max(1, min(LARGEST_CHUNK, len(apps) // (2 * workers)))
    with ProcessPoolExecutor(workers) as pool:
        return _merged(paths, plain, list(pool.map(lint_file, apps, repeat(codes), chunksize=chunk)))


def _gated(paths: list[Path]) -> tuple[list[FileResult], list[Path]]:
    plain, apps = [], []
    for path in paths:
        try:
            source = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{path}: it cannot be read: {error.strerror}") from error
        if may_be_app(source):
            apps.append(path)
        else:
            plain.append(FileResult(str(path), (), False, (str(path),)))
    return plain, apps


def _merged(paths: list[Path], plain: list[FileResult], apps: list[FileResult]) -> list[FileResult]:
    by_path = {result.path: result for result in (*plain, *apps)}
    return [by_path[str(path)] for path in paths]


def check_deployment(deployment: Deployment, codes: frozenset[str], sources: bytes) -> list[tuple[Entry, Hazard]]:
    """Every hazard of one deployment, silenced ones left out."""
    found: list[tuple[Entry, Hazard]] = []
    for entry in catalog.entries():
        rule = entry.rule
        if rule.code not in codes and not rule.silences:
            continue
        if not entry.has_source_check or (rule.triggers and not any(trigger in sources for trigger in rule.triggers)):
            continue
        found += [(entry, hazard) for hazard in entry.source_check()(deployment)]
    silenced = {code for entry, _ in found for code in entry.rule.silences}
    return [(entry, hazard) for entry, hazard in found if entry.rule.code in codes and entry.rule.code not in silenced]


def _check(app: App, codes: frozenset[str], sources: bytes) -> list[Finding]:
    found: dict[tuple[str, Location], Finding] = {}
    for deployment in app.deployments:
        for entry, hazard in check_deployment(deployment, codes, sources):
            finding = _located(entry, hazard, deployment)
            found.setdefault((entry.rule.code, finding.place), finding)
    return list(found.values())


def _with_known_fixes(found: list[Finding], read: list[Finding]) -> list[Finding]:
    """A fix edits what is written, so only one that was made from the source as it stands is offered."""
    fixes = {(finding.rule, finding.place): finding.fix for finding in read}
    return [finding._replace(fix=fixes.get((finding.rule, finding.place))) for finding in found]


def _located(entry: Entry, hazard: Hazard, deployment: Deployment) -> Finding:
    rule, fix = entry.rule, entry.fix()
    return Finding(
        rule=rule.code,
        name=rule.name,
        severity=hazard.severity if hazard.severity is not None else rule.severity,
        confidence=hazard.confidence,
        message=hazard.message,
        help=hazard.help,
        evidence=rule.evidence,
        location=locate(hazard.site),
        deployment=deployment.name,
        related=tuple(Related(locate(site), text) for site, text in hazard.related),
        fix=fix(deployment, hazard) if fix is not None else None,
    )


def locate(site: Site) -> Location:
    """Where a place in the tree is in its file."""
    return Location(site.module.path, *site.module.position(site.node))


def _unparsable(error: object) -> Finding:
    from snapdoctor.app.module import Unparsable

    if not isinstance(error, Unparsable):
        raise TypeError(error)
    rule = catalog.find(UNPARSABLE).rule
    place = Location(error.path, error.line, error.column, error.line, error.column + 1)
    text = f"This file cannot be read as Python, so nothing in it was checked: {error.message}."
    return Finding(
        rule.code, rule.name, rule.severity, Confidence.CERTAIN, text, "Correct the syntax; `python -m py_compile FILE` shows the same place.", rule.evidence, place
    )  # fmt: skip


def _only(findings: Iterable[Finding], codes: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.rule in codes)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.place.path, finding.place.line, finding.place.column, finding.rule)


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The highest severity among findings."""
    return max((finding.severity for finding in findings), default=None)


def active_codes(select: tuple[str, ...], ignore: tuple[str, ...], extend: tuple[str, ...] = ()) -> frozenset[str]:
    """The rules of a run; raises `catalog.CatalogError` for a word that names none."""
    chosen = catalog.selected(select) if select else frozenset(entry.rule.code for entry in catalog.entries() if entry.rule.default)
    chosen |= catalog.selected(extend)
    return chosen - catalog.selected(ignore)


__all__ = ["FileResult", "UnreadableFile", "active_codes", "check_deployment", "lint_file", "lint_files", "locate", "worst"]
