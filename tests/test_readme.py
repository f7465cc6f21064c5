"""What the README shows is what the tool says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("title", "result"),
    [
        ("FLUX.2-klein-9B on diffusers", "flux2_klein_9b"),
        ("Gemma 4 26B on llama-server", "gemma_4_26b_llama_server"),
        ("GLM-4.7-Flash on llama-cpp-python", "glm_4_7_flash_llama_cpp_python"),
    ],
)
def test_shown_rehearsals_are_the_recorded_ones(title: str, result: str) -> None:
    """Each number of the chart stands in the result that it is drawn from, the first run of it, and a block is a second."""
    recorded = " ".join(Path(f"tests/gpu/results/{result}.txt").read_text(encoding="utf-8").split())
    chart = README.partition(f"    {title}, ")[2]

    def number(pattern: str) -> float:
        found = re.search(pattern, recorded)
        assert found is not None
        return float(found[1])

    seconds = (
        ("cold start", number(r"included\), ([\d.]+) s of a cold start")),
        ("CUDA state out", number(r"([\d.]+) s out,")),
        ("restore", number(r"To the first answer: ([\d.]+) s of a restore")),
    )
    for line, (name, expected) in zip(chart.splitlines()[1:4], seconds, strict=True):
        shown = re.fullmatch(r" +(\S.*?) +(█+) +([\d.]+) s\b.*", line)
        assert shown is not None, line
        assert (shown[1], len(shown[2]), shown[3]) == (name, round(expected), f"{expected:.1f}")
    assert f"reading {number(r'an image of about ([0-9.]+) GiB')} GiB" in chart.splitlines()[3]
