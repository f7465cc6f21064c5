"""`snapdoctor timeline`."""

from __future__ import annotations

from pathlib import Path

import click

from snapdoctor import linting
from snapdoctor.report.style import Style, wants_colour


@click.command("timeline")
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(path: str, color: str) -> None:
    """Draw the predicted life of each deployment in PATH, the snapshot as a line, findings at their place."""
    from snapdoctor.app.module import Unparsable
    from snapdoctor.app.reader import read_app
    from snapdoctor.report.timeline import render

    try:
        app = read_app(Path(path))
    except Unparsable as error:
        raise click.ClickException(str(error)) from error
    if not app.deployments:
        click.echo("snapdoctor: no deployment found in this file.", err=True)
    findings = list(linting.lint_file(Path(path), linting.active_codes((), ())).findings)
    for line in render(app, findings, Style(wants_colour(color))):
        click.echo(line, color=True)
