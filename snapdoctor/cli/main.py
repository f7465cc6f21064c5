"""The command group; subcommands are imported when they are asked for."""

from __future__ import annotations

import importlib
import os
import sys

import click

from snapdoctor import __version__

COMMANDS = {
    "lint": "Read Modal apps and report what will be missing from the snapshot, break it or cost money.",
    "timeline": "Show each deployment's predicted life with the snapshot drawn as a line through it.",
    "probe": "Look at a live process tree and say what stands in the way of its snapshot.",
    "rehearse": "Run an app's life on this machine through Modal's own runtime, with real CUDA checkpoints where there is a GPU.",
    "checkup": "Put together what source, container and log say: each hazard once, with all its evidence.",
    "diagnose": "Name a known failure from its log: the cause, the decisive lines, what to type.",
    "rules": "List the rules.",
    "explain": "Print a rule's page.",
    "init": "Write a known-good starting app for an engine, and the hook and configuration for it.",
    "show-config": "Show the configuration in force, and why each rule is on or off.",
    "completion": "Print a shell's completion script.",
}


class LazyGroup(click.Group):
    """Imports `snapdoctor.cli.NAME` only when NAME runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"snapdoctor.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="snapdoctor")
def group() -> None:
    """Find out what a GPU memory snapshot of a Modal app will miss, before trusting it."""


def main() -> None:
    """Run the command line: exit code 0 (clean), 1 (findings), 2 (the work could not be done)."""
    try:
        group.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("SNAPDOCTOR_DEBUG"):
            raise
        if isinstance(error, ModuleNotFoundError) and error.name == "snapdoctor.rules":
            click.echo(
                "snapdoctor: this is the source folder, not the installed tool: its rules are found only after `pip install .`", err=True
            )
            click.echo("Run the installed command `snapdoctor`, or set PYTHONSAFEPATH=1.", err=True)
            sys.exit(2)
        from snapdoctor.catalog import CatalogError
        from snapdoctor.config import ConfigError

        if isinstance(error, (CatalogError, ConfigError)):
            click.echo(f"snapdoctor: {error}", err=True)
        else:
            told = f"{type(error).__name__}: {error}"
            click.echo(f"snapdoctor: internal error, the work was not finished: {told}", err=True)
            click.echo("Set SNAPDOCTOR_DEBUG=1 to see where; please report that output with the file it happened on.", err=True)
        sys.exit(2)
