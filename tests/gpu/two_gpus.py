"""Suspend and bring back process trees on a machine of two GPUs, and say what the probe says of them.

    python tests/gpu/two_gpus.py [TITLE ...]     (two NVIDIA GPUs, a driver of 570 or newer, torch, root; snapdoctor installed)

The last program is not brought back and stays suspended until it is killed, which `snapdoctor rehearse --pid` would not do to anybody: so the
driver's calls are made here.
"""

from __future__ import annotations

import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from probe import machine
from programs import TWO_GPUS, Program, running

from snapdoctor.container.questions import gpus_held, size
from snapdoctor.linting import active_codes
from snapdoctor.probing import live_state
from snapdoctor.rehearsal.cuda import RESTORE
from snapdoctor.rehearsal.model import in_place
from snapdoctor.rehearsal.suspending import there_and_back
from snapdoctor.rehearsing import findings


def main() -> None:
    """Run every program, or those named."""
    titles = sys.argv[1:] or [program.title for program in TWO_GPUS]
    print(f"Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}. {machine()}, two GPUs\n")
    print("| program | GPUs open, by process | suspended | GPU memory before, suspended, after | out, back | findings | right afterwards |")
    print("|---|---|---|---|---|---|---|")
    for program in TWO_GPUS:
        if program.title in titles:
            row(program)


def row(program: Program) -> None:
    """Rehearse one program in place, and print it."""
    with running(program) as one:
        assert one.is_right()
        state = live_state(one.pid)
        checkpoint = there_and_back(state)
        found = findings(in_place(one.pid, state, checkpoint), active_codes((), ()), None)
        is_back = all(process.step != RESTORE or not process.error for process in checkpoint.processes)
        right = ("yes" if one.is_right() else "NO") if is_back else "suspended for good"
        told = checkpoint.skipped or ", ".join(
            f"{process.step} {process.error}" if process.error else "ok" for process in checkpoint.processes
        )
        seen = (checkpoint.used_before, checkpoint.used_suspended, checkpoint.used_after)
        used = " -> ".join(size(value) if value is not None else "?" for value in seen)
        held = " ".join(str(gpus_held(process)) for process in state.processes)
        rules = " ".join(sorted({finding.rule for finding in found})) or "-"
        took = f"{checkpoint.suspend_seconds:.2f} s, {checkpoint.resume_seconds:.2f} s"
        print(f"| {program.title} | {held} | {told} | {used} | {took} | {rules} | {right} |", flush=True)


if __name__ == "__main__":
    main()
