"""One checkup over source, container and log."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from browser import BROWSER, found_in
from hypothesis import given
from hypothesis import strategies as st

import snapdoctor
from snapdoctor.container.document import from_json, to_json
from snapdoctor.container.model import Gap
from snapdoctor.evidence import CONFIRMED, OPEN, REFUTED, entries, standing
from snapdoctor.finding import Confidence, Finding, Location, ProcessPlace, Severity
from snapdoctor.linting import active_codes
from snapdoctor.probing import checked

STATES = Path("fixtures/states/gpu")
CODES = active_codes((), ())
APP = """
import modal

image = modal.Image.debian_slim(python_version="3.12").pip_install("torch==2.11.0")
app = modal.App("compiled")


@app.cls(image=image, gpu="H100!", scaledown_window=300, enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Compiled:
    @modal.enter(snap=True)
    def load(self):
        import torch

        self.model = torch.compile(torch.load("/models/model.pt").to("cuda"))

    @modal.method()
    def run(self, x):
        return self.model(x)
"""
LOG = "Creating GPU memory snapshot for Function.\nFailed to toggle CUDA checkpoint state: operation not supported\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


def by_rule(found: tuple[snapdoctor.evidence.Entry, ...]) -> dict[str, str]:
    return {entry.rule: entry.status for entry in found}


def state(name: str) -> bytes:
    return (STATES / f"{name}.json").read_bytes()


def test_source_alone_leaves_everything_open(app: Path) -> None:
    """Nothing speaks for or against it."""
    found = snapdoctor.checkup(app)
    assert by_rule(found)["SNAP204"] == OPEN
    assert {entry.reason for entry in found} == {"Only the source was read."}
    assert standing(found) == tuple(finding for entry in found for finding in entry.findings)


def test_a_container_confirms(app: Path) -> None:
    """The pool that the source predicts is there, and comes first."""
    found = snapdoctor.checkup(app, state=state("compiled_pool_alive"))
    assert found[0].rule == "SNAP204"
    assert (found[0].status, len(found[0].container), len(found[0].source)) == (CONFIRMED, 1, 1)
    assert by_rule(found)["SNAP401"] == OPEN
    assert {entry.reason for entry in found if entry.rule == "SNAP401"} == {"Nothing in the container could have shown it."}


def test_a_container_refutes(app: Path) -> None:
    """With one compile thread there is no pool; what is refuted is shown last and counts for nothing."""
    found = snapdoctor.checkup(app, state=state("compiled_one_thread"))
    assert by_rule(found)["SNAP204"] == REFUTED
    assert found[-1].status == REFUTED
    assert all(finding.rule != "SNAP204" for finding in standing(found))


@pytest.mark.parametrize("name", ["no_cuda"])
def test_a_container_with_nothing_in_it_refutes_nothing(app: Path, name: str) -> None:
    """It may be another app's, or too early."""
    assert by_rule(snapdoctor.checkup(app, state=state(name)))["SNAP204"] == OPEN


def test_a_container_that_was_not_seen_in_full_refutes_nothing(app: Path) -> None:
    """What could not be seen may be there."""
    seen = from_json(state("compiled_one_thread"))
    blind = seen._replace(gaps=(Gap("process", 77, "it gave no answer within 1.0 s"),))
    (entry,) = [entry for entry in snapdoctor.checkup(app, state=to_json(blind)) if entry.rule == "SNAP204"]
    assert (entry.status, entry.reason) == (OPEN, "The container could not show it: process could not be seen in full.")


def test_a_log_adds_what_nothing_else_shows(app: Path) -> None:
    """A failure that only the log tells of is an entry too."""
    found = snapdoctor.checkup(app, log=LOG.splitlines(keepends=True), state=state("managed_memory"))
    assert by_rule(found)["SNAP804"] == CONFIRMED
    assert by_rule(found)["SNAP305"] == CONFIRMED


def checkup(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "snapdoctor", "checkup", *arguments], capture_output=True, text=True, check=False)


def test_the_command(app: Path, tmp_path: Path) -> None:
    """Text for people, JSON by its schema, exit codes as everywhere."""
    log = tmp_path / "app.log"
    log.write_text(LOG)
    done = checkup(str(app), "--log", str(log), "--state", str(STATES / "managed_memory.json"))
    assert done.returncode == 1
    assert "confirmed: error SNAP305 managed-memory" in done.stdout
    assert "--> container: pid 869" in done.stdout
    assert "in the source, the container and the log." in done.stdout
    schema = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "findings-v1.json").read_text())
    document = json.loads(checkup(str(app), "--state", str(STATES / "compiled_one_thread.json"), "--format", "json").stdout)
    jsonschema.validate(document, schema)
    assert {entry["status"] for entry in document["entries"]} == {OPEN, REFUTED}
    assert checkup(str(app), "--fail-on", "error").returncode == 0
    assert checkup("no/such/app.py").returncode == 2
    assert checkup("Makefile").returncode == 2
    assert "it does not import modal" in checkup("Makefile").stderr
    assert checkup(str(app), "--state", "README.md").returncode == 2
    assert checkup(str(app), "--log", str(tmp_path)).returncode == 2


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit", "concise", "html"])
def test_every_format(app: Path, form: str) -> None:
    """Places in files and in processes side by side."""
    done = checkup(str(app), "--state", str(STATES / "compiled_pool_alive.json"), "--format", form)
    assert done.returncode == 1, done.stderr
    assert "SNAP204" in done.stdout
    assert "SNAP401" in done.stdout


@pytest.mark.skipif(BROWSER is None, reason="no chromium here")
def test_the_page_in_a_real_browser(app: Path, tmp_path: Path) -> None:
    """The life is drawn, with the snapshot across it; nothing is fetched."""
    html = checkup(str(app), "--state", str(STATES / "compiled_pool_alive.json"), "--format", "html").stdout
    assert not re.search(r"(?:src|href)=|url\(|@import", html)
    events, snapshots, is_wide, width = found_in(
        html,
        "(life => [life.querySelectorAll('circle').length, life.querySelectorAll('rect.snapshot').length, "
        "life.getBoundingClientRect().width > 300, document.documentElement.scrollWidth])(document.querySelector('svg.life'))",
        tmp_path,
    )
    assert int(events) >= 2
    assert (snapshots, is_wide) == ("1", "true")
    assert int(width) <= 500


# ---- the merging itself ----

PLACES = st.builds(Location, st.sampled_from(["a.py", "b.py"]), st.integers(1, 5), st.just(1), st.just(9), st.just(1))
RULES = st.sampled_from(["SNAP204", "SNAP301", "SNAP401", "SNAP801"])


def made(
    place: st.SearchStrategy[Location] | st.SearchStrategy[None], process: st.SearchStrategy[ProcessPlace] | st.SearchStrategy[None]
) -> st.SearchStrategy[list[Finding]]:
    one = st.builds(
        Finding, RULES, st.just("name"), st.sampled_from(Severity), st.just(Confidence.CERTAIN), st.text(max_size=3), st.just("help"), st.just(()),
        place, st.none(), st.just(()), st.none(), process,
    )  # fmt: skip
    return st.lists(one, max_size=6)


SOURCE, CONTAINER = made(PLACES, st.none()), made(st.none(), st.builds(ProcessPlace, st.integers(1, 3), st.just("x"), st.just("")))


@given(SOURCE, CONTAINER, SOURCE, st.booleans(), st.randoms())
def test_nothing_is_lost_and_order_does_not_matter(
    source: list[Finding], container: list[Finding], log: list[Finding], looked: bool, random: object
) -> None:
    """Every finding is in exactly one entry, each rule has one, and shuffled input gives the same entries."""
    seen = from_json(state("compiled_one_thread")) if looked or container else None
    rules = checked(CODES) if seen is not None else frozenset()
    found = entries(source, container, log, seen, rules)
    assert sorted(map(repr, (finding for entry in found for finding in entry.findings))) == sorted(map(repr, (*source, *container, *log)))
    assert len({entry.rule for entry in found}) == len(found)
    shuffled = [list(one) for one in (source, container, log)]
    for one in shuffled:
        random.shuffle(one)  # type: ignore[attr-defined]
    assert entries(*shuffled, seen, rules) == found
    for entry in found:
        assert (entry.status == CONFIRMED) == bool(entry.container or entry.log)
        assert entry.severity == max(finding.severity for finding in entry.findings)
