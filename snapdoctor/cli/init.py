"""`snapdoctor init`."""

from __future__ import annotations

from pathlib import Path

import click

from snapdoctor.starter import StarterError, starters, write_app, write_config, write_hook


@click.command("init")
@click.argument("engine", required=False)
@click.option("--output", type=click.Path(path_type=Path), default="app.py", show_default=True, help="The file to write.")
@click.option("--pre-commit", is_flag=True, help="Also add the hook to .pre-commit-config.yaml.")
@click.option("--config", is_flag=True, help="Also write snapdoctor.toml.")
def command(engine: str | None, output: Path, pre_commit: bool, config: bool) -> None:
    """Write a known-good app for ENGINE to start from. No file that is there is overwritten."""
    if engine is None and not (pre_commit or config):
        click.echo(f"Say which engine: {', '.join(starters())}.")
        return
    try:
        if engine is not None:
            write_app(engine, output)
            click.echo(f"{output}: the model, its files and the GPU stand at the top; `snapdoctor timeline {output}` shows its life.")
        if pre_commit:
            click.echo(f"{write_hook(output.parent)}: `pre-commit install` makes it run on each commit.")
        if config:
            click.echo(f"{write_config(output.parent)}: `snapdoctor show-config` tells what it means.")
    except StarterError as error:
        raise click.ClickException(str(error)) from error
