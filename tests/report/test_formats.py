"""Every format as its consumer reads it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from snapdoctor import catalog

ROOT = Path.cwd()
NAIVE = sorted(Path("fixtures/naive").glob("*.py"))


def lint(*arguments: str, folder: Path = ROOT, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI_"))}
    command = [sys.executable, "-m", "snapdoctor", "lint", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, check=False, env={**inherited, "PYTHONSAFEPATH": "1", **(environment or {})}
    )


@pytest.fixture(scope="session")
def sarif() -> dict:  # type: ignore[type-arg]
    """The naive fixtures as a SARIF log."""
    document: dict = json.loads(lint("fixtures/naive", "--format", "sarif").stdout)  # type: ignore[type-arg]
    return document


def test_sarif_holds_the_whole_catalogue(sarif: dict) -> None:  # type: ignore[type-arg]
    """Two runs differ in their results only; texts stay within GitHub's limits."""
    rules = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [entry.rule.code for entry in catalog.entries()]
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"].startswith("# ")
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert len(rule["properties"]["tags"]) <= 10


def test_sarif_results_are_what_code_scanning_wants(sarif: dict) -> None:  # type: ignore[type-arg]
    """Relative, percent-encoded paths; whole regions; stable identities; indices that agree."""
    run = sarif["runs"][0]
    assert sarif["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["automationDetails"]["id"] == "snapdoctor/lint/"
    assert run["results"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert "primaryLocationLineHash" not in result["partialFingerprints"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
        assert re.fullmatch(r"fixtures/naive/[\w%.-]+", place["artifactLocation"]["uri"])
        assert set(place["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
    prints = [result["partialFingerprints"]["snapdoctor/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


def test_sarif_fixes_are_replacements_of_the_text(sarif: dict) -> None:  # type: ignore[type-arg]
    """A consumer that applies one gets the fixed line."""
    fixes = [(result, fix) for result in sarif["runs"][0]["results"] for fix in result.get("fixes", ())]
    assert fixes
    for result, fix in fixes:
        assert re.search(r"\((safe|unsafe)\)$", fix["description"]["text"]), result
        for change in fix["artifactChanges"]:
            text = Path(change["artifactLocation"]["uri"]).read_text(encoding="utf-8")
            for one in change["replacements"]:
                assert 0 <= one["deletedRegion"]["charOffset"] <= len(text)


@pytest.mark.skipif(
    "SARIF_SCHEMA" not in os.environ, reason="SARIF_SCHEMA names no copy of the official schema (OASIS, sarif-schema-2.1.0.json)"
)
def test_sarif_follows_the_official_schema(sarif: dict) -> None:  # type: ignore[type-arg]
    """Validated where the schema is at hand; it is not ours to ship."""
    schema = json.loads(Path(os.environ["SARIF_SCHEMA"]).read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(sarif)


def test_sarif_is_read_by_microsofts_tools(tmp_path: Path) -> None:
    """`sarif summary` counts what we report."""
    out = tmp_path / "out.sarif"
    lint("fixtures/naive", "--output", f"sarif:{out}")
    count = len(json.loads(out.read_text())["runs"][0]["results"])
    tool = shutil.which("sarif", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert tool is not None
    told = subprocess.run([tool, "summary", str(out)], capture_output=True, text=True, check=True).stdout
    assert sum(int(number) for number in re.findall(r"^(?:error|warning|note|none): (\d+)", told, re.MULTILINE)) == count


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*(?:%3A[^:]*)*)::(.*)")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it (actions/runner, ActionCommand.cs)."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    properties = {}
    for part in match[2].split(","):
        key, _, value = part.partition("=")
        properties[key] = value.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    return match[1], properties, match[3].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def test_github_commands_are_whole_lines_worst_first(tmp_path: Path) -> None:
    """Each finding is one annotation in the checkout's own paths, and the summary is a table."""
    summary = tmp_path / "summary.md"
    done = lint("fixtures/naive", environment={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    commands = [parsed(line) for line in done.stdout.splitlines()]
    assert commands
    order = [("error", "warning", "notice").index(level) for level, _, _ in commands]
    assert order == sorted(order)
    for _, properties, message in commands:
        assert Path(properties["file"]).is_file()
        assert int(properties["line"]) <= int(properties["endLine"])
        assert ("col" in properties) == (properties["line"] == properties["endLine"])
        assert message
    table = summary.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| ") for line in table) == len(commands) + 1
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in table if line.startswith("|"))


def test_github_escapes_what_would_end_a_command(tmp_path: Path) -> None:
    """A path with a comma, a colon and a per cent sign survives the way there and back."""
    folder = tmp_path / "a,b:c%d"
    folder.mkdir()
    (folder / "app.py").write_text(NAIVE[0].read_text())
    done = lint(".", "--format", "github", folder=tmp_path)
    assert {parsed(line)[1]["file"] for line in done.stdout.splitlines()} == {"a,b:c%d/app.py"}


def test_gitlab_has_every_key_it_reads(tmp_path: Path) -> None:
    """Paths from the project's root, unique fingerprints, and `[]` for a clean run."""
    items = json.loads(lint("fixtures/naive", "--format", "gitlab", environment={"CI_PROJECT_DIR": str(ROOT)}).stdout)
    assert items
    assert len({item["fingerprint"] for item in items}) == len(items)
    for item in items:
        assert item["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert item["description"].startswith(item["check_name"])
        assert Path(item["location"]["path"]).is_file()
        assert item["location"]["lines"]["begin"] >= 1
    assert json.loads(lint(str(tmp_path), "--format", "gitlab").stdout) == []


def test_junit_is_read_by_a_parser(tmp_path: Path) -> None:
    """One failing case for each finding, one passing case for a clean app."""
    out = tmp_path / "out.xml"
    lint("fixtures/naive", "reference_deployments", "--output", f"junit:{out}")
    read = JUnitXml.fromfile(str(out))
    findings = json.loads(lint("fixtures/naive", "reference_deployments", "--format", "json").stdout)["findings"]
    assert read.failures == len(findings)
    passing = [case.classname for suite in read for case in suite if case.is_passed]
    assert len(passing) == len(list(Path("reference_deployments").glob("*.py")))


def test_concise_is_one_line_for_each_finding() -> None:
    """Editors read `path:line:column: text`."""
    lines = lint("fixtures/naive", "--format", "concise").stdout.splitlines()
    assert lines
    assert all(re.fullmatch(r"fixtures/naive/\w+\.py:\d+:\d+: SNAP\d{3} (error|warning|advice): .+", line) for line in lines)


def test_several_reports_are_written_in_one_run(tmp_path: Path) -> None:
    """The terminal keeps its own."""
    names = {form: tmp_path / f"out.{form}" for form in ("sarif", "json", "html", "junit", "gitlab", "concise")}
    done = lint("fixtures/naive", *(word for form, path in names.items() for word in ("--output", f"{form}:{path}")))
    assert "error SNAP202 unready-child" in done.stdout
    assert all(path.stat().st_size > 100 for path in names.values())
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("output", ["sarif", "what:out", "sarif:"])
def test_a_bad_output_is_said_and_exits_2(output: str) -> None:
    """With the form that is expected."""
    done = lint("fixtures/naive", "--output", output)
    assert done.returncode == 2
    assert "FORMAT:FILE" in done.stderr


def test_a_report_that_cannot_be_written_exits_2(tmp_path: Path) -> None:
    """The file is named."""
    done = lint("fixtures/naive", "--output", f"html:{tmp_path}/no/such/folder.html")
    assert done.returncode == 2
    assert "folder.html" in done.stderr


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (`apt-get install chromium`)")
def test_html_shows_every_finding_in_a_browser(tmp_path: Path) -> None:
    """A real browser renders the page without a request to anywhere, text that looks like markup included."""
    app = tmp_path / "app.py"
    app.write_text(NAIVE[1].read_text().replace("Gemma 4 26B as", "</pre><script>document.title='broken'</script> Gemma as"))
    page = tmp_path / "out.html"
    lint("app.py", "--output", f"html:{page}", folder=tmp_path)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import", text)
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}/profile", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    findings = json.loads(lint("app.py", "--format", "json", folder=tmp_path).stdout)["findings"]
    assert dom.count("<article") == len(findings)
    assert "<title>snapdoctor lint</title>" in dom
    assert dom.count("<mark>") == len(findings)
