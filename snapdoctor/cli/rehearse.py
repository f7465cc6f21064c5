"""`snapdoctor rehearse`: run an app's life on this machine, or checkpoint a running CUDA process tree in place."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import click

from snapdoctor.cli.reporting import REPORTS, RULES, chosen_format, leave, parsed_outputs, show, with_options, words

if TYPE_CHECKING:
    from snapdoctor.report.report import Report


@click.command("rehearse")
@click.argument("target", required=False, metavar="[APP.py::NAME]")
@click.option("--pid", type=int, metavar="PID", help="Checkpoint and restore the CUDA state of this running process tree instead.")
@click.option("--method", default="", help="The method or endpoint of a class that is called.")
@click.option("--input", "given", help="Its arguments as JSON: a list, or an object of keywords.")
@click.option("--path", default="/", show_default=True, help="What a web endpoint is asked for.")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="A class parameter (JSON, or plain text); repeatable.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="A variable of the container; repeatable.")
@click.option("--secret", multiple=True, metavar="NAME=FILE", help="A named Secret's variables, from a dotenv file; repeatable.")
@click.option("--volume", multiple=True, metavar="NAME=FOLDER", help="A folder of this machine for a named Volume; repeatable.")
@click.option("--sandbox", is_flag=True, help="Run the container in gVisor (runsc, as root), and really save and restore it.")
@click.option("--criu", is_flag=True, help="Save and restore the container's process tree with CRIU (as root).")
@click.option("--show-output", is_flag=True, help="Show on standard error what the container prints, as it comes.")
@with_options(*RULES, *REPORTS)
def command(
    target: str | None,
    pid: int | None,
    method: str,
    given: str | None,
    path: str,
    param: tuple[str, ...],
    env: tuple[str, ...],
    secret: tuple[str, ...],
    volume: tuple[str, ...],
    sandbox: bool,
    criu: bool,
    show_output: bool,
    select: str,
    ignore: str,
    form: str | None,
    output: tuple[str, ...],
    fail_on: str,
    color: str,
) -> None:
    """Rehearse the life of APP.py::NAME through Modal's own runtime: import, hooks, capture, restore, first answer, exit.

    This runs the app. It needs modal, no account and no network, and a GPU only for the CUDA checkpoint.

    The formats json (property `rehearsal`) and html hold the whole life, the others its findings.
    """
    from snapdoctor.linting import active_codes

    if (target is None) == (pid is None):
        raise click.UsageError("give APP.py::NAME, or --pid PID")
    if sandbox + criu + (pid is not None) > 1:
        raise click.UsageError("--sandbox, --criu and --pid are three ways to take a snapshot: give one of them")
    if not sys.platform.startswith("linux"):
        raise click.ClickException("a rehearsal needs Linux, as the containers do")
    outputs, codes = parsed_outputs(output), active_codes(words(select), words(ignore))
    if pid is not None:
        report, failed = _in_place(pid, codes), False
    else:
        if importlib.util.find_spec("modal") is None:
            raise click.ClickException("a rehearsal runs Modal's own runtime, which is not installed here: pip install modal")
        from snapdoctor.rehearsal.rehearse import Wanted

        pairs = {"--param": param, "--env": env, "--secret": secret, "--volume": volume}
        parameters, environment, secrets, volumes = (_pairs(option, texts) for option, texts in pairs.items())
        assert target is not None
        engine = "gvisor" if sandbox else "criu" if criu else ""
        wanted = Wanted(target, method, given, path, parameters, environment, secrets, volumes, _shown if show_output else None, engine)
        report, failed = _lived(wanted, codes)
    show(report, chosen_format(form), outputs, color)
    if failed:
        sys.exit(1)
    leave(report, fail_on)


def _shown(chunk: bytes) -> None:
    sys.stderr.buffer.write(chunk)
    sys.stderr.buffer.flush()


def _pairs(option: str, texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option} {text}: write NAME=VALUE")
        found[name] = value
    return found


def _lived(wanted: object, codes: frozenset[str]) -> tuple[Report, bool]:
    from snapdoctor.rehearsal.rehearse import Wanted
    from snapdoctor.rehearsal.resolve import ResolveError
    from snapdoctor.rehearsal.roomed import NoEngine
    from snapdoctor.rehearsal.surroundings import BadSurroundings
    from snapdoctor.rehearsal.target import BadTarget
    from snapdoctor.staging import staged

    assert isinstance(wanted, Wanted)
    try:
        return staged(wanted, codes)
    except (ResolveError, BadTarget, BadSurroundings, NoEngine) as error:
        raise click.ClickException(str(error)) from error


def _in_place(pid: int, codes: frozenset[str]) -> Report:
    from snapdoctor.looking import LookFailed
    from snapdoctor.staging import suspended_in_place

    try:
        return suspended_in_place(pid, codes)
    except LookFailed as error:
        raise click.ClickException(str(error)) from error
