"""Run the rules over files: gate, read, check, silence, locate, suppress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import catalog
from snapdoctor.finding import Confidence, Finding, Location, Related, Severity
from snapdoctor.gate import may_be_app
from snapdoctor.suppression import suppressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.app.model import App, Deployment, Site
    from snapdoctor.rule import Hazard, Rule

UNPARSABLE, UNUSED = "SNAP901", "SNAP902"
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


def lint_file(path: Path, codes: frozenset[str], source: bytes | None = None) -> FileResult:
    """Lint one file with these rules; raises `UnreadableFile` and `catalog.CatalogError`."""
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

    project = Project(path)
    project.given[shown] = source
    try:
        app = read_project(project)
    except Unparsable as error:
        return FileResult(shown, _only((_unparsable(error),), codes), True, (shown,))
    findings = _check(app, codes, b"".join(project.read.values()))
    findings = _suppressed(findings, project.read, codes, shown)
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


def check_deployment(deployment: Deployment, codes: frozenset[str], sources: bytes) -> list[tuple[Rule, Hazard]]:
    """Every hazard of one deployment, silenced ones left out."""
    found: list[tuple[Rule, Hazard]] = []
    for entry in catalog.entries():
        rule = entry.rule
        if rule.code not in codes and not rule.silences:
            continue
        if not entry.has_source_check or (rule.triggers and not any(trigger in sources for trigger in rule.triggers)):
            continue
        found += [(rule, hazard) for hazard in entry.source_check()(deployment)]
    silenced = {code for rule, _ in found for code in rule.silences}
    return [(rule, hazard) for rule, hazard in found if rule.code in codes and rule.code not in silenced]


def _check(app: App, codes: frozenset[str], sources: bytes) -> list[Finding]:
    found: dict[tuple[str, Location], Finding] = {}
    for deployment in app.deployments:
        for rule, hazard in check_deployment(deployment, codes, sources):
            finding = _located(rule, hazard, deployment)
            found.setdefault((rule.code, finding.location), finding)
    return list(found.values())


def _located(rule: Rule, hazard: Hazard, deployment: Deployment) -> Finding:
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


def _suppressed(findings: list[Finding], read: dict[str, bytes], codes: frozenset[str], linted: str) -> list[Finding]:
    """Drop suppressed findings and add what is wrong with the suppressions of the linted file."""
    kept = findings
    for path, source in read.items():
        for suppression in suppressions(source) if path.endswith(".py") else ():
            wanted, unknown = _resolved(suppression.rules)
            if unknown or suppression.error is not None:
                if path == linted and UNUSED in codes:
                    kept = [*kept, _directive_finding(path, suppression.line, suppression.column, suppression.error or unknown)]
                continue
            after = [finding for finding in kept if not _covers(path, suppression.covers, wanted, finding)]
            used = {finding.rule for finding in kept} - {finding.rule for finding in after} if len(after) < len(kept) else set()
            stale = (wanted & codes) - used
            kept = after
            if stale and path == linted and UNUSED in codes:
                words = ", ".join(sorted(stale))
                kept = [
                    *kept,
                    _directive_finding(
                        path, suppression.line, suppression.column, f"nothing is left to ignore here for {words}; remove it"
                    ),
                ]
    return kept


def _covers(path: str, line: int, codes: frozenset[str], finding: Finding) -> bool:
    place = finding.location
    return (
        finding.rule in codes and place.path == path and (place.line == line or place.line <= line <= min(place.end_line, place.line + 40))
    )


def _resolved(words: tuple[str, ...]) -> tuple[frozenset[str], str]:
    try:
        return catalog.selected(words), ""
    except catalog.CatalogError as error:
        return frozenset(), str(error)


def _directive_finding(path: str, line: int, column: int, problem: str) -> Finding:
    rule = catalog.find(UNUSED).rule
    text = f"This suppression does nothing: {problem}."
    return Finding(
        rule.code, rule.name, rule.severity, Confidence.CERTAIN, text, "Correct or delete the comment.", rule.evidence, Location(path, line, column, line, column + 1)
    )  # fmt: skip


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.location.path, finding.location.line, finding.location.column, finding.rule)


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The highest severity among findings."""
    return max((finding.severity for finding in findings), default=None)


def active_codes(select: tuple[str, ...], ignore: tuple[str, ...], extend: tuple[str, ...] = ()) -> frozenset[str]:
    """The rules of a run; raises `catalog.CatalogError` for a word that names none."""
    chosen = catalog.selected(select) if select else frozenset(entry.rule.code for entry in catalog.entries() if entry.rule.default)
    chosen |= catalog.selected(extend)
    return chosen - catalog.selected(ignore)


__all__ = ["FileResult", "UnreadableFile", "active_codes", "check_deployment", "lint_file", "lint_files", "locate", "worst"]
