"""What a probe shows: to a person, in a browser, and to the programs that read reports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from browser import BROWSER, found_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

import snapdoctor
from snapdoctor.container.document import from_data, from_json, to_json
from snapdoctor.container.model import ContainerState
from snapdoctor.linting import active_codes
from snapdoctor.probing import checked, findings
from snapdoctor.report.outputs import FORMATS, render
from snapdoctor.report.probe import page
from snapdoctor.report.report import Report
from snapdoctor.typed_json import plain

STATES = Path("fixtures/states/gpu")
GOLDEN = Path("fixtures/states/reports")
SCHEMAS = Path(snapdoctor.__file__).parent / "schemas"
CODES = active_codes((), ())


def recorded(name: str) -> ContainerState:
    return from_json((STATES / f"{name}.json").read_bytes())


def report(state: ContainerState) -> Report:
    return Report("probe", findings(state, CODES), (), 0, state=state, checked=tuple(sorted(checked(CODES))))


def probe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "snapdoctor", "probe", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_golden_reports(path: Path) -> None:
    """What people see, at 100 columns; `UPDATE=1` is not offered: a change here is a decision."""
    assert page(recorded(path.stem), findings(recorded(path.stem), CODES), colour=False, width=100) == path.read_text(
        encoding="utf-8"
    ).rstrip("\n")


def test_there_are_golden_reports() -> None:
    """A folder that is gone would test nothing."""
    assert len(list(GOLDEN.glob("*.txt"))) >= 4


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["dataloader_workers", "compiled_pool_alive", "spawned_worker_with_a_context"])
def test_lines_stay_within_the_terminal(name: str, width: int) -> None:
    """Nothing wraps by itself, with or without colour, except a word that is longer than the line."""
    state = recorded(name)
    for line in page(state, findings(state, CODES), colour=True, width=width).splitlines():
        bare = re.sub(r"\x1b\[[\d;]*m", "", line)
        assert len(bare) <= width or " " not in bare.strip()


def test_json_follows_its_schema() -> None:
    """A finding in a process has no location, and says which process."""
    schema = json.loads((SCHEMAS / "findings-v1.json").read_text())
    done = probe("--state", str(STATES / "forked_child.json"), "--format", "json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema)
    (finding,) = document["findings"]
    assert finding["location"] is None
    assert finding["process"]["pid"] == 922
    assert done.returncode == 1


def test_sarif_calls_a_process_a_logical_location(tmp_path: Path) -> None:
    """And Microsoft's tools count what we report."""
    out = tmp_path / "out.sarif"
    probe("--state", str(STATES / "dataloader_workers.json"), "--output", f"sarif:{out}")
    results = json.loads(out.read_text())["runs"][0]["results"]
    assert [result["locations"][0]["logicalLocations"][0]["kind"] for result in results] == ["process"] * 3
    assert len({result["partialFingerprints"]["snapdoctor/v1"] for result in results}) == 3
    tool = shutil.which("sarif", path=str(Path(sys.executable).parent))
    assert tool is not None
    told = subprocess.run([tool, "summary", str(out)], capture_output=True, text=True, check=True).stdout
    assert sum(int(number) for number in re.findall(r"^(?:error|warning|note|none): (\d+)", told, re.MULTILINE)) == 3


def test_junit_has_a_case_for_every_rule_that_looked() -> None:
    """Clean rules pass, so that a dashboard shows what was checked."""
    suite = next(iter(JUnitXml.fromstring(probe("--state", str(STATES / "forked_child.json"), "--format", "junit").stdout.encode())))
    assert suite.name == "container"
    assert suite.failures == 1
    assert suite.tests == len(checked(CODES))
    assert {case.name.split()[0] for case in suite} == checked(CODES)


def test_github_and_gitlab_need_no_file() -> None:
    """An annotation without a file, and a path that is no file's."""
    (line,) = probe("--state", str(STATES / "forked_child.json"), "--format", "github").stdout.splitlines()
    assert line.startswith("::warning title=SNAP203 forked-gpu-descriptors::pid 922: ")
    (item,) = json.loads(probe("--state", str(STATES / "forked_child.json"), "--format", "gitlab").stdout)
    assert item["location"]["path"] == "pid 922"


@pytest.mark.skipif(BROWSER is None, reason="no chromium here")
@pytest.mark.parametrize("name", ["dataloader_workers", "managed_memory"])
def test_the_page_in_a_real_browser(name: str, tmp_path: Path) -> None:
    """It holds the picture and the findings, fetches nothing, and does not overflow a narrow screen."""
    html = render("html", report(recorded(name)))
    assert not re.search(r"(?:src|href)=|url\(|@import", html)
    width, count = found_in(html, "[document.documentElement.scrollWidth, document.querySelectorAll('.process').length]", tmp_path)
    assert int(width) <= 500
    assert int(count) == html.count('class="process"') > 0


def states() -> st.SearchStrategy[ContainerState]:
    """Any state at all that its schema allows."""
    st.register_type_strategy(int, st.integers(0, 1 << 50))
    st.register_type_strategy(float, st.floats(0, 1e6))
    return st.from_type(ContainerState)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(states())
def test_any_state_is_reported_in_every_format(state: ContainerState) -> None:
    """Whatever a container holds, there is an answer, and the state survives its JSON form."""
    processes = tuple(
        process._replace(pid=number + 1, parent=process.parent % (number + 1)) for number, process in enumerate(state.processes)
    )
    if not processes:
        return
    state = state._replace(version=1, root=1, processes=processes)
    assert from_json(to_json(state)) == state == from_data(plain(state))
    for form in FORMATS:
        assert render(form, report(state)) or form in ("concise", "github")
