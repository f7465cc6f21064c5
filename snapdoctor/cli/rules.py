"""`snapdoctor rules`."""

from __future__ import annotations

import json

import click

from snapdoctor.catalog import entries


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def command(form: str) -> None:
    """List every rule: code, name, usual severity, what goes wrong."""
    rules = [entry.rule for entry in entries()]
    if form == "json":
        listed = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity.label,
                "summary": rule.summary,
                "default": rule.default,
                "evidence": [item._asdict() for item in rule.evidence],
            }
            for rule in rules
        ]
        click.echo(json.dumps({"version": 1, "rules": listed}, indent=2))
        return
    if form == "markdown":
        click.echo("| code | name | severity | what goes wrong |\n|---|---|---|---|")
        for rule in rules:
            click.echo(f"| {rule.code} | {rule.name} | {rule.severity.label} | {rule.summary} |")
        return
    for rule in rules:
        off = "" if rule.default else " (off unless selected)"
        click.echo(f"{rule.code}  {rule.severity.label:8} {rule.name}{off}\n         {rule.summary}")
