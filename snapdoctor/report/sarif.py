"""SARIF 2.1.0 as GitHub's code scanning reads it: the full catalogue, stable identities, fixes as replacements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from snapdoctor import __version__, catalog
from snapdoctor.finding import Confidence, Severity
from snapdoctor.report.report import from_root

if TYPE_CHECKING:
    from snapdoctor.finding import Finding, Fix, Location
    from snapdoctor.report.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "recommendation"}
# How sure a rule is, by the best evidence that it names.
PRECISION = {"measured": "very-high", "source": "high", "documented": "high", "reported": "medium"}
LONGEST = 1024


def render(report: Report) -> str:
    """The log as text."""
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def document(report: Report) -> dict[str, Any]:
    """The log as plain data, one run."""
    order = {entry.rule.code: index for index, entry in enumerate(catalog.entries())}
    results = [
        _result(finding, fingerprint, order[finding.rule])
        for finding, fingerprint in zip(report.findings, report.fingerprints, strict=True)
    ]
    driver = {
        "name": "snapdoctor",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(entry) for entry in catalog.entries()],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"snapdoctor/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(entry: catalog.Entry) -> dict[str, Any]:
    rule = entry.rule
    grades = [evidence.grade for evidence in rule.evidence]
    precision = next((PRECISION[grade] for grade in PRECISION if grade in grades), "medium")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.summary[:LONGEST]},
        "help": {"text": f"{rule.summary} `snapdoctor explain {rule.code}` prints its page.", "markdown": entry.page()},
        "defaultConfiguration": {"level": LEVELS[rule.severity], "enabled": rule.default},
        "properties": {
            "precision": precision,
            "problem.severity": PROBLEMS[rule.severity],
            "tags": ["modal", "gpu-snapshot", f"SNAP{rule.code[4]}xx"],
        },
    }


def _result(finding: Finding, fingerprint: str, index: int) -> dict[str, Any]:
    links = "".join(f" See [{related.message}]({number})." for number, related in enumerate(finding.related, 1))
    made: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.help}{links}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"snapdoctor/v1": fingerprint},
        "properties": {"confidence": finding.confidence.value, "deployment": finding.deployment or ""},
    }
    if finding.confidence is Confidence.LIKELY:
        made["rank"] = 50.0
    if finding.related:
        made["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(related.location), "message": {"text": related.message}}
            for number, related in enumerate(finding.related, 1)
        ]
    if finding.fix is not None:
        made["fixes"] = [_fix(finding.fix)]
    return made


def _location(finding: Finding) -> dict[str, Any]:
    """A range of a file, or a process: SARIF calls what is no file a logical location."""
    if finding.location is not None:
        return {"physicalLocation": _physical(finding.location)}
    process = finding.process
    if process is None:
        return {}
    name = f"pid {process.pid}"
    logical = {"name": name, "fullyQualifiedName": f"{name}: {process.command}"[:LONGEST], "kind": "process"}
    return {"logicalLocations": [logical]}


def _physical(place: Location) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column}
    return {"artifactLocation": _artifact(place.path), "region": region}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(from_root(path)), "uriBaseId": "%SRCROOT%"}


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replaced = {
            "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
            "insertedContent": {"text": edit.text},
        }
        changes.setdefault(edit.path, []).append(replaced)
    return {
        "description": {"text": f"{fix.title} ({fix.safety})"},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": listed} for path, listed in changes.items()],
    }
