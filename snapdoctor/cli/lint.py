"""`snapdoctor lint`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from snapdoctor import linting
from snapdoctor.cli.reporting import chosen_format, leave, parsed_outputs, show
from snapdoctor.config import THRESHOLDS, Config, load
from snapdoctor.discovery import MissingPath, python_files
from snapdoctor.report.outputs import FORMATS

if TYPE_CHECKING:
    from snapdoctor.finding import Finding
    from snapdoctor.report.outputs import Output
    from snapdoctor.report.report import Report


NEEDS_MODAL = "{} runs Modal's own client, which is not installed beside snapdoctor ({} is missing): pip install 'snapdoctor[modal]'"


class Asked(NamedTuple):
    """What the command line and the configuration ask for."""

    paths: tuple[str, ...]
    codes: frozenset[str]
    exclude: tuple[str, ...]
    stdin_filename: str | None
    unsafe: bool
    cached: bool
    resolve: bool

    @property
    def is_stdin(self) -> bool:
        """The text comes from standard input."""
        return self.paths == ("-",)

    @property
    def stdin_path(self) -> Path:
        """The path that text would have."""
        return Path(self.stdin_filename or "<stdin>")


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@click.command("lint")
@click.argument("paths", nargs=-1)
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print findings.  [default: full; github in a GitHub workflow]")
@click.option("--output", multiple=True, metavar="FORMAT:FILE", help="Also write a report to a file, such as sarif:out.sarif; repeatable.")
@click.option("--fix", is_flag=True, help="Write the fixes that cannot change what the app does otherwise.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that run more code, cost money or change how the engine behaves."
)
@click.option("--diff", is_flag=True, help="Show what --fix would write, write nothing; exit 1 if that is anything.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these rules: codes, prefixes (SNAP3), names or ALL; comma separated.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules.")
@click.option("--fail-on", type=click.Choice(list(THRESHOLDS)), help="Exit 1 from this severity on.  [default: warning]")
@click.option("--baseline", type=click.Path(path_type=Path), help="Leave out the findings that this file holds.")
@click.option("--write-baseline", is_flag=True, help="Put today's findings into the baseline file, drop those that are gone, and exit 0.")
@click.option("--changed-since", metavar="REV", help="Only apps that were changed since a git revision, or that read a file that was.")
@click.option("--stdin-filename", metavar="NAME", help="With `-`: the path the text on standard input would have.")
@click.option(
    "--resolve", is_flag=True, help="Run `modal deploy` on each app against a stand-in on this machine, for exact options and images."
)
@click.option("--statistics", is_flag=True, help="Count findings per rule at the end.")
@click.option("--no-cache", is_flag=True, help="Check everything anew.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(
    paths: tuple[str, ...],
    form: str | None,
    output: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
    write_baseline: bool,
    changed_since: str | None,
    stdin_filename: str | None,
    resolve: bool,
    statistics: bool,
    no_cache: bool,
    color: str,
) -> None:
    """Read Modal apps (files or folders, default: here) and report snapshot hazards."""
    paths = paths or (".",)
    anchor = Path(stdin_filename or paths[0])
    config = load(anchor if anchor.exists() else Path())
    codes = linting.active_codes(_words(select) or config.select, _words(ignore) + config.ignore, config.extend_select)
    asked = Asked(paths, codes, config.exclude, stdin_filename, unsafe_fixes, not no_cache, resolve)
    if resolve and (fix or diff or asked.is_stdin):
        raise click.UsageError("--resolve runs the files as they are: it goes neither with --fix or --diff nor with standard input")
    outputs = parsed_outputs(output)
    given = sys.stdin.buffer.read() if asked.is_stdin else b""
    results = _fixed(asked, given, diff) if fix or diff else _results(asked, given)
    if changed_since is not None:
        results = _changed(results, changed_since)
    report = _report(results, config, asked, given)
    report = _against_baseline(report, results, config, codes, baseline, write_baseline)
    if not report.apps:
        click.echo("snapdoctor: no Modal app found, nothing to check.", err=True)
    _print(report, chosen_format(form), outputs, statistics, color)
    leave(report, fail_on or config.fail_on)


def _results(asked: Asked, given: bytes) -> list[linting.FileResult]:
    if asked.is_stdin:
        return [linting.lint_file(asked.stdin_path, asked.codes, given)]
    try:
        files = python_files(asked.paths, asked.exclude)
        if asked.resolve:
            return _resolved(files, asked.codes)
        if not asked.cached:
            return linting.lint_files(files, asked.codes)
        from snapdoctor.cache import lint_cached

        return lint_cached(files, asked.codes)
    except (MissingPath, linting.UnreadableFile) as error:
        raise click.ClickException(str(error)) from error


def _resolved(files: list[Path], codes: frozenset[str]) -> list[linting.FileResult]:
    """Lint with what deploying would send; this runs the apps' modules."""
    try:
        from snapdoctor.rehearsal.resolve import ResolveError, resolved
    except ImportError as error:
        raise click.ClickException(NEEDS_MODAL.format("--resolve", error.name)) from error
    try:
        return [linting.lint_file(path, codes, resolve=resolved) for path in files]
    except ResolveError as error:
        raise click.ClickException(str(error)) from error


def _fixed(asked: Asked, given: bytes, only_show: bool) -> list[linting.FileResult]:
    """Fix the files, or show how; with `-` the fixed text goes to standard output. What could not be fixed is left to report."""
    from snapdoctor import fixing

    try:
        files = [asked.stdin_path] if asked.is_stdin else python_files(asked.paths, asked.exclude)
        outcomes = [fixing.fixed(path, asked.codes, given if asked.is_stdin else path.read_bytes(), asked.unsafe) for path in files]
        for outcome in outcomes if not (only_show or asked.is_stdin) else ():
            fixing.write(outcome)
    except (MissingPath, linting.UnreadableFile, fixing.ChangedMeanwhile, OSError) as error:
        raise click.ClickException(str(error)) from error
    if only_show:
        for outcome in outcomes:
            click.echo(fixing.difference(outcome), nl=False)
        sys.exit(1 if any(outcome.applied for outcome in outcomes) else 0)
    if asked.is_stdin:
        sys.stdout.buffer.write(outcomes[0].after)
        sys.exit(0)
    for outcome in outcomes:
        for one in outcome.applied:
            click.echo(f"fixed {one.rule} in {outcome.path}:{one.line}: {one.title}", err=True)
    return [linting.FileResult(str(outcome.path), outcome.left, outcome.is_app, outcome.read) for outcome in outcomes]


def _changed(results: list[linting.FileResult], revision: str) -> list[linting.FileResult]:
    """Results of the files that changed, and of the apps that read one that did."""
    from snapdoctor.git import GitError, changed_since

    try:
        changed = changed_since(revision, Path())
    except GitError as error:
        raise click.ClickException(str(error)) from error
    return [result for result in results if any(Path(os.path.realpath(name)) in changed for name in (result.path, *result.read))]


def _report(results: list[linting.FileResult], config: Config, asked: Asked, given: bytes) -> Report:
    from snapdoctor.report.report import Report
    from snapdoctor.text import decoded

    findings = _filtered([finding for result in results for finding in result.findings], config.per_file_ignores)
    read = decoded(given) if asked.is_stdin else None
    texts = ((str(asked.stdin_path), read.text),) if read is not None else ()
    return Report("lint", tuple(findings), tuple(result.path for result in results if result.is_app), len(results), given=texts)


def _filtered(findings: list[Finding], ignores: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Finding]:
    from fnmatch import fnmatch

    from snapdoctor.catalog import selected

    distinct = {(finding.rule, finding.place): finding for finding in findings}
    kept = list(distinct.values())
    for pattern, words in ignores:
        codes = selected(words)
        kept = [finding for finding in kept if not (finding.rule in codes and fnmatch(finding.place.path, pattern))]
    return kept


def _against_baseline(
    report: Report, results: list[linting.FileResult], config: Config, codes: frozenset[str], given: Path | None, write: bool
) -> Report:
    """The report without the findings that the baseline holds; with `write`, the baseline is made from it first."""
    path = given or (Path(config.baseline) if config.baseline is not None else None)
    if path is None:
        if write:
            raise click.ClickException("--write-baseline needs --baseline FILE, or `baseline` in the configuration")
        return report
    from snapdoctor import baseline

    top = path.resolve().parent
    spelled = {
        name: Path(os.path.relpath(os.path.realpath(name), top)).as_posix() for result in results for name in (result.path, *result.read)
    }
    prints = baseline.identities(report.findings, report.text_of, spelled)
    if write:
        paths = [spelled.get(finding.place.path, finding.place.path) for finding in report.findings]
        old = baseline.load(path) if path.exists() else ()
        unseen = [entry for entry in baseline.unseen(old, frozenset(spelled.values()), codes) if (top / entry.path).exists()]
        try:
            baseline.write(path, (*baseline.made(report.findings, prints, paths), *unseen))
        except OSError as error:
            raise click.ClickException(f"{path}: the baseline cannot be written: {error.strerror}") from error
        kept = f", and {len(unseen)} of files or rules that this run did not look at" if unseen else ""
        click.echo(f"snapdoctor: {path} now holds {len(report.findings)} findings{kept}.", err=True)
        sys.exit(0)
    compared = baseline.compare(report.findings, prints, baseline.load(path), frozenset(spelled.values()))
    if compared.known:
        click.echo(f"snapdoctor: {compared.known} findings are in {path} and not shown.", err=True)
    if compared.gone:
        click.echo(f"snapdoctor: {len(compared.gone)} entries of {path} match nothing any more; --write-baseline drops them.", err=True)
    return report._replace(findings=compared.new, known=compared.known)


def _print(report: Report, form: str, outputs: list[Output], statistics: bool, color: str) -> None:
    show(report, form, outputs, color)
    if statistics and report.findings:
        _count(report, err=form not in ("full", "concise"))


def _count(report: Report, err: bool) -> None:
    counts: dict[str, int] = {}
    for finding in report.findings:
        key = f"{finding.rule} {finding.name}"
        counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{count:5}  {key}", err=err)
