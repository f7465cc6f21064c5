"""What the README shows is what the tool says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path("README.md").read_text(encoding="utf-8")


def between(name: str) -> str:
    """The text between two markers."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert match is not None
    return match[1]


def said(*arguments: str) -> str:
    """What the command line prints."""
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "snapdoctor", *arguments], capture_output=True, text=True, check=False, env=environment
    ).stdout


def test_rules_table_is_fresh() -> None:
    """`snapdoctor rules --format markdown` made the table."""
    assert between("rules") == said("rules", "--format", "markdown")


def test_shown_finding_is_real() -> None:
    """The demo's output is the output."""
    shown = between("demo").removeprefix("```text\n").removesuffix("```\n")
    assert shown in said("lint", "fixtures/naive/gemma_4_26b_llama_server.py", "--no-cache")


def test_shown_tree_is_real() -> None:
    """So is the probe's picture."""
    shown = between("probe").removeprefix("```text\n").removesuffix("```\n")
    assert shown in said("probe", "--state", "fixtures/states/gpu/dataloader_workers.json")


def test_shown_rehearsal_is_the_recorded_one() -> None:
    """Each number of the chart stands in the result that it is drawn from."""
    phases = dict(
        re.findall(r"^  (\S.*?)\s+(\d+\.\d\d) s", Path("tests/gpu/results/flux2_klein_9b.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    seconds = {name: float(text) for name, text in phases.items()}
    for name, expected in (
        ("start, import", seconds["start"] + seconds["import"]),
        ("load and warm up", seconds["enter(snap=True)"]),
        ("first answer", seconds["first answer"]),
    ):
        assert re.search(rf"^    {name} +█+ +{expected:.1f} s", README, re.MULTILINE), name
