"""`snapdoctor probe`: look at a live process tree, or at a saved state, and say what stands in the way of a snapshot."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snapdoctor.cli.inputs import saved_state
from snapdoctor.cli.reporting import REPORTS, RULES, chosen_format, leave, parsed_outputs, show, with_options, words

if TYPE_CHECKING:
    from snapdoctor.container.model import ContainerState


@click.command("probe")
@click.option("--in-container", is_flag=True, help="Every process of the container that this runs in (the default).")
@click.option("--pid", type=int, metavar="PID", help="The tree below this process, on any Linux machine.")
@click.option("--state", type=click.Path(path_type=Path), help="A state that was saved before, instead of live processes.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the state that was read to this file.")
@with_options(*RULES, *REPORTS)
def command(
    in_container: bool,
    pid: int | None,
    state: Path | None,
    save: Path | None,
    select: str,
    ignore: str,
    form: str | None,
    output: tuple[str, ...],
    fail_on: str,
    color: str,
) -> None:
    """Say whether a process tree can be captured and restored, and what stands in the way."""
    from snapdoctor.linting import active_codes
    from snapdoctor.probing import checked, findings
    from snapdoctor.report.report import Report

    if in_container + (pid is not None) + (state is not None) > 1:
        raise click.UsageError("--in-container, --pid and --state exclude each other: each names what to look at")
    outputs, codes = parsed_outputs(output), active_codes(words(select), words(ignore))
    seen = saved_state(state) if state is not None else _live(pid)
    if save is not None:
        _save(seen, save)
    report = Report("probe", findings(seen, codes), (), 0, state=seen, checked=tuple(sorted(checked(codes))))
    show(report, chosen_format(form), outputs, color)
    leave(report, fail_on)


def _live(pid: int | None) -> ContainerState:
    from snapdoctor.looking import LookFailed
    from snapdoctor.probing import live_state

    if not sys.platform.startswith("linux"):
        raise click.ClickException("live processes are read from /proc, which only Linux has; give a saved state with --state FILE")
    try:
        return live_state(pid, without=os.getpid())
    except LookFailed as error:
        raise click.ClickException(str(error)) from error


def _save(state: ContainerState, path: Path) -> None:
    from snapdoctor import atomic
    from snapdoctor.container.document import to_json

    try:
        atomic.replace(path, to_json(state).encode() + b"\n")
    except OSError as error:
        raise click.ClickException(f"{path}: the state cannot be written there: {error.strerror}") from error
