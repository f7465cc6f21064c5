"""`snapdoctor completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of SHELL: `eval "$(snapdoctor completion bash)"`."""
    from snapdoctor.cli.main import group

    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"this version of click completes no {shell}")
    click.echo(found(group, {}, "snapdoctor", "_SNAPDOCTOR_COMPLETE").source())
