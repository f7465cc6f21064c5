"""`snapdoctor checkup`: source, container and log of one app together."""

from __future__ import annotations

from pathlib import Path

import click

from snapdoctor.cli.inputs import opened_log, saved_state
from snapdoctor.cli.reporting import REPORTS, chosen_format, leave, parsed_outputs, show, with_options


@click.command("checkup")
@click.argument("app", type=click.Path(path_type=Path))
@click.option("--log", help="A log of the app (`-`: standard input).")
@click.option("--state", type=click.Path(path_type=Path), help="What `snapdoctor probe --save` wrote in its container.")
@with_options(*REPORTS)
def command(app: Path, log: str | None, state: Path | None, form: str | None, output: tuple[str, ...], fail_on: str, color: str) -> None:
    """Put together what APP's source, its container and its log say: each hazard once, confirmed, refuted or open."""
    from snapdoctor.evidence import standing
    from snapdoctor.gathering import gathered
    from snapdoctor.linting import UnreadableFile
    from snapdoctor.report.report import Report

    outputs = parsed_outputs(output)
    seen = saved_state(state) if state is not None else None
    try:
        with opened_log(log) as given:
            found = gathered(app, given, seen)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    report = Report("checkup", standing(found.entries), (str(app),), 1, checkup=found)
    show(report, chosen_format(form), outputs, color)
    leave(report, fail_on)
