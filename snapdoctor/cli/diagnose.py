"""`snapdoctor diagnose`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from snapdoctor.config import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.finding import Finding

CHUNK = 1 << 20


@click.command("diagnose")
@click.argument("log", default="-")
@click.option(
    "--app", type=click.Path(path_type=Path), help="The app's source: places of the same hazards are shown beside the log's lines."
)
@click.option("--format", "form", type=click.Choice(["full", "json"]), default="full", show_default=True)
@click.option("--fail-on", type=click.Choice(list(THRESHOLDS)), default="warning", show_default=True, help="Exit 1 from this severity on.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(log: str, app: Path | None, form: str, fail_on: str, color: str) -> None:
    """Read LOG (a file, or `-` for standard input, also while it is being written) and name the failures that are known."""
    from snapdoctor.logs import diagnosis as logs
    from snapdoctor.report.style import wants_colour

    name = "<stdin>" if log == "-" else log
    source = _of_app(app) if app is not None else {}
    try:
        if log == "-":
            found = logs.diagnose(_chunks(sys.stdin.buffer))
        else:
            with open(log, "rb") as file:
                found = logs.diagnose(_chunks(file))
    except OSError as error:
        raise click.ClickException(f"{log}: this log cannot be read: {error.strerror}") from error
    findings = logs.findings(found, name)
    if form == "json":
        from snapdoctor.report.json import render
        from snapdoctor.report.report import Report

        click.echo(render(Report("diagnose", findings, (), 1)))
    else:
        from snapdoctor.report.diagnosis import page

        click.echo(page(found, name, source, wants_colour(color)), color=True)
    threshold = THRESHOLDS[fail_on]
    sys.exit(1 if threshold is not None and any(finding.severity >= threshold for finding in findings) else 0)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """What there is, as it comes: a pipe is not waited on until it is full."""
    read = getattr(file, "read1", file.read)
    while chunk := read(CHUNK):
        yield chunk


def _of_app(app: Path) -> dict[str, list[Finding]]:
    """Findings of the source by rule."""
    from snapdoctor.linting import UnreadableFile, active_codes, lint_file

    try:
        result = lint_file(app, active_codes(("ALL",), ()))
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    by_rule: dict[str, list[Finding]] = {}
    for finding in result.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return by_rule
