"""`snapdoctor show-config`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from snapdoctor import catalog
from snapdoctor.config import Config, load, schema


@click.command("show-config")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--schema", "only_schema", is_flag=True, help="Print the JSON schema of the configuration instead.")
def command(path: Path, form: str, only_schema: bool) -> None:
    """Show the configuration that holds for PATH, and why each rule is on or off."""
    if only_schema:
        click.echo(json.dumps(schema(), indent=2))
        return
    if not path.exists():
        raise click.ClickException(f"{path}: there is no such file or folder")
    config = load(path)
    reasons = {entry.rule.code: _reason(entry, config) for entry in catalog.entries()}
    if form == "json":
        rules = {code: {"on": on, "why": why} for code, (on, why) in reasons.items()}
        click.echo(json.dumps({"version": 1, "configuration": config._asdict(), "rules": rules}, indent=2))
        return
    click.echo(f"configuration: {config.source or 'none found; these are the defaults'}")
    click.echo(f"fail-on: {config.fail_on}")
    for name, value in (("exclude", config.exclude), ("baseline", config.baseline)):
        if value:
            click.echo(f"{name}: {value if isinstance(value, str) else ', '.join(value)}")
    for pattern, words in config.per_file_ignores:
        click.echo(f"ignored in {pattern}: {', '.join(words)}")
    for entry in catalog.entries():
        on, why = reasons[entry.rule.code]
        click.echo(f"{'on ' if on else 'off'}  {entry.rule.code} {entry.rule.name}: {why}")


def _reason(entry: catalog.Entry, config: Config) -> tuple[bool, str]:
    """Whether a rule is on, and the word that decides."""
    code = entry.rule.code
    for word in config.ignore:
        if code in catalog.selected((word,)):
            return False, f"`ignore` names {word}"
    for name, words in (("select", config.select), ("extend-select", config.extend_select)):
        for word in words:
            if code in catalog.selected((word,)):
                return True, f"`{name}` names {word}"
    if config.select:
        return False, "`select` does not name it"
    return (True, "on by default") if entry.rule.default else (False, "off unless selected")
