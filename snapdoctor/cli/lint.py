"""`snapdoctor lint`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from snapdoctor import lint as linting
from snapdoctor.config import THRESHOLDS, load
from snapdoctor.discovery import MissingPath, python_files
from snapdoctor.finding import Finding


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@click.command("lint")
@click.argument("paths", nargs=-1)
@click.option("--format", "form", type=click.Choice(["full", "json"]), default="full", show_default=True, help="How to print findings.")
@click.option("--fix", is_flag=True, help="Write the fixes that cannot change what the app does otherwise.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that run more code, cost money or change how the engine behaves."
)
@click.option("--diff", is_flag=True, help="Show what --fix would write, write nothing; exit 1 if that is anything.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these rules: codes, prefixes (SNAP3), names or ALL; comma separated.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules.")
@click.option("--fail-on", type=click.Choice(list(THRESHOLDS)), help="Exit 1 from this severity on.  [default: warning]")
@click.option("--stdin-filename", metavar="NAME", help="With `-`: the path the text on standard input would have.")
@click.option("--statistics", is_flag=True, help="Count findings per rule at the end.")
@click.option("--no-cache", is_flag=True, help="Check everything anew.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(
    paths: tuple[str, ...],
    form: str,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    stdin_filename: str | None,
    statistics: bool,
    no_cache: bool,
    color: str,
) -> None:
    """Read Modal apps (files or folders, default: here) and report snapshot hazards."""
    paths = paths or (".",)
    anchor = Path(stdin_filename or paths[0])
    config = load(anchor if anchor.exists() else Path())
    codes = linting.active_codes(_words(select) or config.select, _words(ignore) + config.ignore, config.extend_select)
    if fix or diff:
        results = _fixed(paths, config.exclude, codes, stdin_filename, unsafe_fixes, diff)
    else:
        results = _results(paths, config.exclude, codes, stdin_filename, not no_cache)
    findings = _filtered([finding for result in results for finding in result.findings], config.per_file_ignores)
    apps = sum(1 for result in results if result.is_app)
    if not apps:
        click.echo("snapdoctor: no Modal app found, nothing to check.", err=True)
    _print(findings, form, len(results), apps, statistics, color)
    threshold = THRESHOLDS[fail_on or config.fail_on]
    highest = linting.worst(findings)
    sys.exit(1 if threshold is not None and highest is not None and highest >= threshold else 0)


def _results(
    paths: tuple[str, ...], exclude: tuple[str, ...], codes: frozenset[str], stdin_filename: str | None, cached: bool
) -> list[linting.FileResult]:
    if paths == ("-",):
        return [linting.lint_file(Path(stdin_filename or "<stdin>"), codes, sys.stdin.buffer.read())]
    try:
        files = python_files(paths, exclude)
        if not cached:
            return linting.lint_files(files, codes)
        from snapdoctor.cache import lint_cached

        return lint_cached(files, codes)
    except (MissingPath, linting.UnreadableFile) as error:
        raise click.ClickException(str(error)) from error


def _fixed(
    paths: tuple[str, ...], exclude: tuple[str, ...], codes: frozenset[str], stdin_filename: str | None, unsafe: bool, only_show: bool
) -> list[linting.FileResult]:
    """Fix the files, or show how; with `-` the fixed text goes to standard output. What could not be fixed is left to report."""
    from snapdoctor import fixing

    given = paths == ("-",)
    try:
        files = [Path(stdin_filename or "<stdin>")] if given else python_files(paths, exclude)
        outcomes = [fixing.fixed(path, codes, sys.stdin.buffer.read() if given else path.read_bytes(), unsafe) for path in files]
        for outcome in outcomes if not (only_show or given) else ():
            fixing.write(outcome)
    except (MissingPath, linting.UnreadableFile, fixing.ChangedMeanwhile, OSError) as error:
        raise click.ClickException(str(error)) from error
    if only_show:
        for outcome in outcomes:
            click.echo(fixing.difference(outcome), nl=False)
        sys.exit(1 if any(outcome.applied for outcome in outcomes) else 0)
    if given:
        sys.stdout.buffer.write(outcomes[0].after)
        sys.exit(0)
    for outcome in outcomes:
        for one in outcome.applied:
            click.echo(f"fixed {one.rule} in {outcome.path}:{one.line}: {one.title}", err=True)
    return [linting.FileResult(str(outcome.path), outcome.left, outcome.is_app) for outcome in outcomes]


def _filtered(findings: list[Finding], ignores: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Finding]:
    from fnmatch import fnmatch

    from snapdoctor.catalog import selected

    distinct = {(finding.rule, finding.location): finding for finding in findings}
    kept = list(distinct.values())
    for pattern, words in ignores:
        codes = selected(words)
        kept = [finding for finding in kept if not (finding.rule in codes and fnmatch(finding.location.path, pattern))]
    return kept


def _print(findings: list[Finding], form: str, files: int, apps: int, statistics: bool, color: str) -> None:
    if form == "json":
        from snapdoctor.report.json import render as as_json

        click.echo(as_json(findings, "lint"))
        return
    from snapdoctor.report.full import render, summary
    from snapdoctor.report.style import Style, wants_colour

    style = Style(wants_colour(color))
    for block in render(findings, style):
        click.echo(block, color=True)
    if statistics and findings:
        counts: dict[str, int] = {}
        for finding in findings:
            key = f"{finding.rule} {finding.name}"
            counts[key] = counts.get(key, 0) + 1
        for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            click.echo(f"{count:5}  {key}")
    if apps:
        click.echo(summary(findings, files, apps), color=True)
