"""`snapdoctor explain`."""

from __future__ import annotations

import sys

import click

from snapdoctor.catalog import find
from snapdoctor.report.style import wants_colour


@click.command("explain")
@click.argument("rule")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(rule: str, color: str) -> None:
    """Print the page of RULE, given by code or name."""
    page = find(rule).page()
    if wants_colour(color) and sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page))
    else:
        click.echo(page)
