"""Every hazard, and every change of a file it needs: what the probe says, what checkpoint and restore do, and whether the two agree.

    python -m tests.checkpoint.table [--python PYTHON_WITH_TORCH] [HAZARD[:CHANGE] ...] > tests/checkpoint/gvisor-2022-12.md

With the Python of the environment that snapdoctor is installed in. Exit code 1 when a row disagrees.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from snapdoctor.container.conditions import conditions
from snapdoctor.container.document import from_json

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
REMOVED = ("renamed_open", "open_directory", "working_directory", "flock_held", "inotify")
"""Hazards whose file or folder is only removed."""


UNSEEN = {
    ("unix_outside", ""): "sockets",
    ("inotify", "delete"): "watches",
}
"""What no look from inside gVisor can tell, and the gap that the probe reports instead of a verdict."""


class Row(NamedTuple):
    """One case and what came of it."""

    hazard: str
    change: str
    result: case.Result

    @property
    def named(self) -> bool:
        """The probe had named the file as a condition of the restore."""
        made, state = self.result.made, self.result.state
        return made is not None and state is not None and made["file"] in conditions_of(state)

    @property
    def errors(self) -> list[str]:
        """Codes of the probe's findings that say: this cannot be captured and restored."""
        report = self.result.report
        return sorted({finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}) if report is not None else []

    @property
    def blind(self) -> bool:
        """The probe says itself that it cannot see what matters here."""
        state = self.result.state
        return state is not None and UNSEEN.get((self.hazard, self.change)) in {gap["subject"] for gap in state["gaps"]}

    @property
    def verdict(self) -> str:
        """What the probe says, for people."""
        if self.result.refused is not None:
            return "not asked"
        if self.result.report is None:
            return f"no answer ({self.result.complaint})"
        if self.blind:
            return "says it cannot see it"
        if self.change:
            return "names the file" if self.named else "does not name the file"
        return f"cannot ({', '.join(self.errors)})" if self.errors else "can"

    @property
    def agreement(self) -> str:
        """`yes` or `no`; `not visible` where the probe said that it cannot see this, `-` where the sandbox does not let it be made.

        Unchanged: the verdict is what checkpoint and restore then did. Changed: the probe had named the file.
        """
        if self.result.refused is not None:
            return "-"
        if self.result.report is None:
            return "no"
        if self.blind:
            return "not visible"
        right = self.named if self.change else self.result.survived is not bool(self.errors)
        return "yes" if right else "no"


def conditions_of(state: dict[str, Any]) -> set[str]:
    """Paths that a saved state says must be there at the restore."""
    return {one.file.path for one in conditions(from_json(json.dumps(state)))}


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

    def row(one: tuple[str, str]) -> Row:
        hazard, change = one
        return Row(hazard, change, case.run(hazard, change, probe=probe, python=python))

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(row, wanted)


def title(count: int) -> str:
    """What was measured, where and when."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (
        "# What the probe says inside gVisor, and what checkpoint and restore then do\n\n"
        f"{today.isoformat()}, runsc {sandbox.version()} (`--platform=ptrace`, `--network=none`), Linux {platform.release().partition('-')[0]}, "
        f"{count} cases. Made by `make checkpoints`.\n\n"
        "Nothing changed in between: the probe is right where it says `can` and the sandbox is restored, or `cannot` and it is not. A file changed or "
        "removed in between: it is right where it had named that file as a condition of the restore. A dash: this sandbox does not let the hazard be "
        "made. `not visible`: gVisor does not show it, and the probe says so.\n\n"
        "| hazard | changed in between | the probe | checkpoint and restore | agree |\n|---|---|---|---|---|\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    installed = Path(sys.executable).with_name("snapdoctor")
    parser.add_argument("--probe", type=Path, default=installed, help="the installed snapdoctor (default: the one beside this Python)")
    parser.add_argument("--python", default=sys.executable, help="what the hazards run on; those of torch need one that has it")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("cases", nargs="*", metavar="HAZARD[:CHANGE]")
    options = parser.parse_args()
    if reason := sandbox.unavailable():
        parser.error(reason)
    chosen = [(name, change) for name, _, change in (one.partition(":") for one in options.cases)]
    wanted = chosen or list(cases())
    sys.stdout.write(title(len(wanted)))
    counted: Counter[str] = Counter()
    for row in rows(wanted, str(options.probe.absolute()), options.python, options.jobs):
        counted[row.agreement] += 1
        agree = "**no**" if row.agreement == "no" else row.agreement
        sys.stdout.write(f"| {row.hazard} | {row.change} | {row.verdict} | {row.result.outcome} | {agree} |\n")
        sys.stdout.flush()
    totals = ", ".join(f"{count} {word}" for word, count in sorted(counted.items(), key=lambda entry: -entry[1]))
    sys.stdout.write(f"\nAgreement: {totals.replace(' -', ' that cannot be made')}.\n")
    sys.exit(1 if counted["no"] else 0)


if __name__ == "__main__":
    main()
