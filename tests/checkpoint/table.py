"""Every hazard, and every change of a file it needs: what the probe says, what checkpoint and restore do, and whether the two agree.

    python -m tests.checkpoint.table --probe .venv/bin/snapdoctor [--python PYTHON_WITH_TORCH] [--jobs 2] [HAZARD[:CHANGE] ...] > table.md

Exit code 1 when a row disagrees.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from . import case, sandbox
from .disturb import DISTURBANCES

HERE = Path(__file__).resolve().parent
ALTERED = (
    "mapped_without_descriptor",
    "mapped_shared",
    "mapped_shared_untouched",
    "mapped_private",
    "open_for_reading",
    "open_for_appending",
)
"""Hazards whose file is changed in every way."""
REMOVED = ("renamed_open", "open_directory", "working_directory", "flock_held")
"""Hazards whose file or folder is only removed."""


class Row(NamedTuple):
    """One case and what came of it."""

    hazard: str
    change: str
    result: case.Result

    @property
    def named(self) -> bool:
        """The probe had named the file as a condition of the restore."""
        made, state = self.result.made, self.result.state
        return made is not None and state is not None and made["file"] in {entry["path"] for entry in state["files"]}

    @property
    def errors(self) -> list[str]:
        """Codes of the probe's findings that say: this cannot be captured and restored."""
        report = self.result.report
        return sorted({finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}) if report is not None else []

    @property
    def verdict(self) -> str:
        """What the probe says, for people."""
        if self.result.refused is not None:
            return "not asked"
        if self.result.report is None:
            return f"no answer ({self.result.complaint})"
        if self.change:
            return "names the file" if self.named else "does not name the file"
        return f"cannot ({', '.join(self.errors)})" if self.errors else "can"

    @property
    def agrees(self) -> bool:
        """Unchanged: the verdict is what checkpoint and restore then did. Changed: the probe had named the file."""
        if self.result.refused is not None:
            return True
        if self.result.report is None:
            return False
        return self.named if self.change else self.result.survived is not bool(self.errors)


def hazards() -> list[str]:
    """Names of all hazards, in the order of their modules."""
    listed = subprocess.run([sys.executable, "-m", "hazards", "--list"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    return [line.split()[1] for line in listed.splitlines()]


def cases() -> Iterator[tuple[str, str]]:
    """Every row of the table."""
    for hazard in hazards():
        yield hazard, ""
        for change in DISTURBANCES if hazard in ALTERED else ("delete",) if hazard in REMOVED else ():
            yield hazard, change


def rows(wanted: list[tuple[str, str]], probe: str, python: str, jobs: int) -> Iterator[Row]:
    """Run the cases, some at a time; rows come in order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda one: Row(*one, case.run(*one, probe=probe, python=python)), wanted)


def title(count: int) -> str:
    """What was measured, where and when."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (
        "# What the probe says inside gVisor, and what checkpoint and restore then do\n\n"
        f"{today.isoformat()}, runsc {sandbox.version()} (`--platform=ptrace`, `--network=none`), Linux {platform.release().partition('-')[0]}, "
        f"{count} cases. Made by `python -m tests.checkpoint.table`.\n\n"
        "Nothing changed in between: the probe is right where it says `can` and the sandbox is restored, or `cannot` and it is not. A file changed or "
        "removed in between: it is right where it had named that file as a condition of the restore.\n\n"
        "| hazard | changed in between | the probe | checkpoint and restore | agree |\n|---|---|---|---|---|\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--probe", required=True, help="the installed snapdoctor")
    parser.add_argument("--python", default=sys.executable, help="what the hazards run on")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("cases", nargs="*", metavar="HAZARD[:CHANGE]")
    options = parser.parse_args()
    if reason := sandbox.unavailable():
        parser.error(reason)
    chosen = [(name, change) for name, _, change in (one.partition(":") for one in options.cases)]
    wanted = chosen or list(cases())
    sys.stdout.write(title(len(wanted)))
    wrong = 0
    for row in rows(wanted, str(Path(options.probe).absolute()), options.python, options.jobs):
        wrong += not row.agrees
        sys.stdout.write(f"| {row.hazard} | {row.change} | {row.verdict} | {row.result.outcome} | {'yes' if row.agrees else '**no**'} |\n")
        sys.stdout.flush()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
