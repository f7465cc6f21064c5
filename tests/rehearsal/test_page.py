"""A rehearsal's page in a real browser: drawn to scale, readable at any width, safe with any text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from browser import BROWSER, found_in

from snapdoctor.container.document import from_json
from snapdoctor.rehearsal import model
from snapdoctor.rehearsal.model import Answer, Checkpoint, Failure, Hook, Import, Phase, Rehearsal, Suspended
from snapdoctor.report.life import EACH, FAILED, LATER, ONCE, SNAPSHOT, UNREACHED, rows
from snapdoctor.report.rehearsal_html import render
from snapdoctor.report.report import Report
from snapdoctor.staging import Staged

STATE = from_json(Path("fixtures/states/gpu/forked_child.json").read_bytes())
HOSTILE = "</pre><script>document.title='broken'</script>" + "a" * 400
PREDICTED = {
    model.IMPORT: ("import torch", "import diffusers"),
    model.BEFORE: ("load black-forest-labs/FLUX.2-klein-9B with diffusers on cuda", "inference: self.pipeline (x2)"),
    model.ANSWER: ("inference: self.pipeline",),
}
CHECKPOINT = Checkpoint(
    "580.159", (Suspended(922, "python3 -c serve", "unlock", "", 26.8, 36 << 30), Suspended(931, "python3 worker", "unlock", "", 0.2, None)),
    36 << 30, 1 << 30, 36 << 30, 26.8, 8.5, "",
)  # fmt: skip
IN_PLACE = model.in_place(922, STATE, CHECKPOINT)
LIVED = IN_PLACE._replace(
    target="app.py::Model", deployment="Model", method="ask", kind="cls", modal="1.6.4", startup_timeout=600, timeout=300,
    phases=(
        Phase(model.START, 0.9), Phase(model.IMPORT, 20.3), Phase(model.BEFORE, 10.8), Phase(model.CAPTURE, 35.3), Phase(model.RESTORE, 0.01),
        Phase(model.AFTER, 0.004), Phase(model.ANSWER, 1.1), Phase(model.AGAIN, 1.05), Phase(model.EXIT, 0.3),
    ),
    hooks=(Hook("load", model.BEFORE, 8.2), Hook("warm_up", model.BEFORE, 2.6), Hook("wake", model.AFTER, 0.003)),
    imports=(Import("torch", model.IMPORT, 6.1, "app"), Import("diffusers", model.IMPORT, 12.2, "app")),
    answers=(Answer(True, "'an image of 1024 x 1024'", 1.1), Answer(True, "'an image of 1024 x 1024'", 1.05)),
    notes=("the Volume models at /models is not mapped; --volume models=FOLDER puts a folder of this machine there",),
)  # fmt: skip
BROKEN = LIVED._replace(
    phases=LIVED.phases[:3], checkpoint=None, state=None, answers=(), output=f"Loading ...\n{HOSTILE}",
    failure=Failure(model.BEFORE, f"RuntimeError({HOSTILE!r})", f'  File "app.py", line 12, in load\n    raise RuntimeError({HOSTILE!r})', ""),
)  # fmt: skip
REFUSED = LIVED._replace(saved=model.Saved("gVisor", "20251201", True, "save", HOSTILE, None, 0.3, 0.0))
PAGES = {"lived": LIVED, "refused": REFUSED, "broken": BROKEN, "in place": IN_PLACE}
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium here")


def html(rehearsal: Rehearsal) -> str:
    return render(Report("rehearse", (), (), 0, rehearsed=Staged(rehearsal, PREDICTED)))


def test_each_second_is_paid_by_somebody() -> None:
    """What brings the CUDA state back is paid by every restored container, although it was measured within the capture."""
    found = rows(LIVED, PREDICTED)
    paid = {row.title: row.paid for row in found if row.kind != SNAPSHOT}
    assert [name for name in paid if paid[name] == ONCE] == list(model.ONCE)
    assert [name for name in paid if paid[name] == EACH] == ["CUDA state back", model.RESTORE, model.AFTER, model.ANSWER]
    assert [name for name in paid if paid[name] == LATER] == [model.AGAIN, model.EXIT]
    assert sum(row.seconds for row in found) == pytest.approx(sum(phase.seconds for phase in LIVED.phases))
    assert sum(row.seconds for row in found if row.paid == EACH) == pytest.approx(LIVED.restore_seconds)


def test_a_life_without_a_snapshot_is_paid_by_every_container() -> None:
    """And no line is drawn across it; one that was meant to be captured has a line that was not reached."""
    phases = tuple(phase for phase in LIVED.phases if phase.name not in (model.CAPTURE, model.RESTORE))
    found = rows(LIVED._replace(snapshot="none", phases=phases, checkpoint=None, state=None), {})
    assert {row.paid for row in found} == {EACH, LATER}
    found = rows(BROKEN, {})
    assert [row.kind for row in found][-1] == UNREACHED
    assert [row.title for row in found if row.paid == FAILED] == [model.BEFORE]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    """The page is one file, whatever stands in it."""
    page = html(PAGES[name])
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", page)


@in_a_browser
def test_bars_are_to_scale_and_the_shortest_is_still_seen(tmp_path: Path) -> None:
    """20.3 s beside 0.004 s; each bar begins where the one before it ended."""
    found = found_in(
        html(LIVED),
        "[...document.querySelectorAll('svg.span')].flatMap(svg => [svg.querySelector('rect'), svg.querySelector('line')].flatMap("
        "one => [one.getBoundingClientRect().left - svg.getBoundingClientRect().left, one.getBoundingClientRect().width / svg.clientWidth]))",
        tmp_path, width=1000,
    )  # fmt: skip
    bars = [(float(found[at]), float(found[at + 1])) for at in range(0, len(found), 4)]
    drawn = [row for row in rows(LIVED, PREDICTED) if row.kind != SNAPSHOT]
    assert len(bars) == len(drawn)
    total = sum(row.seconds for row in drawn)
    assert [width for _, width in bars] == pytest.approx([row.seconds / total for row in drawn], abs=0.002)
    assert [left for left, _ in bars] == sorted(left for left, _ in bars)


@in_a_browser
@pytest.mark.parametrize("width", [400, 1000])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_no_wider_than_its_reader(name: str, width: int, tmp_path: Path) -> None:
    """Long words and whole tracebacks included; words stay large enough, and what looks like markup stays text."""
    # Chromium opens no window narrower than 500 pixels, so the page itself is made narrow.
    title, widest, smallest = found_in(
        html(PAGES[name]),
        f"(document.body.style.boxSizing = 'border-box', document.body.style.width = '{width}px', document.body.style.margin = 0, "
        "[document.title.replace(' ', '_'), Math.max(...[...document.body.querySelectorAll('*')].map(one => one.getBoundingClientRect().right)), "
        "Math.min(99, ...[...document.querySelectorAll('.life *')].map(one => parseFloat(getComputedStyle(one).fontSize)))])",
        tmp_path, width=max(width, 500),
    )  # fmt: skip
    assert title == "snapdoctor_rehearse"
    assert float(widest) <= width
    assert float(smallest) >= 12


@in_a_browser
def test_a_real_life_is_drawn(tmp_path: Path) -> None:
    """From the command, with the JSON report of the same run beside it: the same phases, the snapshot across them."""
    page, data = tmp_path / "life.html", tmp_path / "life.json"
    command = [
        sys.executable,
        "-m",
        "snapdoctor",
        "rehearse",
        "fixtures/rehearsal/failing.py::Model",
        "--output",
        f"html:{page}",
        "--output",
        f"json:{data}",
    ]
    subprocess.run(command, capture_output=True, check=True)
    phases = [phase["name"] for phase in json.loads(data.read_text())["rehearsal"]["phases"]]
    bars, snapshots, answers = found_in(
        page.read_text(encoding="utf-8"),
        "['svg.span', '.life .snapshot', 'tr code'].map(one => document.querySelectorAll(one).length)",
        tmp_path,
    )
    assert (int(bars), snapshots, answers) == (len(phases), "1", "2")
