"""`snapdoctor diagnose`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from snapdoctor.cli.inputs import opened_log
from snapdoctor.cli.reporting import REPORTS, chosen_format, leave, parsed_outputs, show, with_options

if TYPE_CHECKING:
    from snapdoctor.finding import Finding


@click.command("diagnose")
@click.argument("log", default="-")
@click.option(
    "--app", type=click.Path(path_type=Path), help="The app's source: places of the same hazards are shown beside the log's lines."
)
@with_options(*REPORTS)
def command(log: str, app: Path | None, form: str | None, output: tuple[str, ...], fail_on: str, color: str) -> None:
    """Read LOG (a file, or `-` for standard input, also while it is being written) and name the failures that are known."""
    from snapdoctor.logs import diagnosis as logs
    from snapdoctor.report.diagnosis import Diagnosed
    from snapdoctor.report.report import Report

    outputs = parsed_outputs(output)
    source = _of_app(app) if app is not None else {}
    with opened_log(log) as given:
        assert given is not None
        found = logs.diagnose(given.chunks)
    report = Report("diagnose", logs.findings(found, given.name), (given.name,), 1, diagnosed=Diagnosed(found, given.name, source))
    show(report, chosen_format(form), outputs, color)
    leave(report, fail_on)


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
