"""`snapdoctor rules`."""

from __future__ import annotations

import json

import click

from snapdoctor.catalog import entries


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--findings-schema", is_flag=True, help="Print the JSON schema of reports instead.")
@click.option("--state-schema", is_flag=True, help="Print the JSON schema of container states (`probe --save`) instead.")
def command(form: str, findings_schema: bool, state_schema: bool) -> None:
    """List every rule: code, name, usual severity, what goes wrong."""
    if findings_schema or state_schema:
        from snapdoctor.container.document import schema as of_states
        from snapdoctor.report.schema import schema as of_findings

        click.echo(json.dumps(of_states() if state_schema else of_findings(), indent=2))
        return
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
