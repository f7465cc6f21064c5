"""What every command that reports has in common: where reports go, and the exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from snapdoctor.config import THRESHOLDS
from snapdoctor.report.outputs import FORMATS, BadOutput, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from snapdoctor.report.outputs import Output
    from snapdoctor.report.report import Report


RULES = (
    click.option("--select", default="", help="Only these rules: codes, prefixes (SNAP3), names or ALL, comma separated."),
    click.option("--ignore", default="", help="Not these rules."),
)
REPORTS = (
    click.option("--format", "form", type=click.Choice(FORMATS), help="[default: full; github in a GitHub action]"),
    click.option(
        "--output", multiple=True, metavar="FORMAT:FILE", help="Write a report in this format to a file as well (`-`: standard output)."
    ),
    click.option(
        "--fail-on", type=click.Choice(list(THRESHOLDS)), default="warning", show_default=True, help="Exit 1 from this severity on."
    ),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
)


def with_options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A decorator that gives a command all of these, in this order."""

    def given(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return given


def words(text: str) -> tuple[str, ...]:
    """The words of a comma separated option."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def parsed_outputs(texts: tuple[str, ...]) -> list[Output]:
    """The `--output` options; a bad one is an error of the command line."""
    try:
        return [parse(text) for text in texts]
    except BadOutput as error:
        raise click.ClickException(str(error)) from error


def chosen_format(form: str | None) -> str:
    """The format that was asked for, or the one that this place reads: annotations in GitHub's actions, else the full report."""
    return form or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "full")


def show(report: Report, form: str, outputs: list[Output], color: str) -> None:
    """Print the report in one format, and write it in others."""
    from snapdoctor.report.outputs import render, write
    from snapdoctor.report.style import wants_colour

    text = render(form, report, wants_colour(color))
    if text:
        click.echo(text, color=True)
    if form == "github" and os.environ.get("GITHUB_STEP_SUMMARY"):
        from snapdoctor.report.github import summary

        with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as file:
            file.write(summary(report))
    for one in outputs:
        made = render(one.form, report)
        if one.path is None:
            click.echo(made)
            continue
        try:
            write(one.path, made)
        except OSError as error:
            raise click.ClickException(f"{one.path}: the report cannot be written: {error.strerror}") from error


def leave(report: Report, fail_on: str) -> NoReturn:
    """End with 1 when a finding is at least this severe, else with 0."""
    threshold = THRESHOLDS[fail_on]
    sys.exit(1 if threshold is not None and any(finding.severity >= threshold for finding in report.findings) else 0)
