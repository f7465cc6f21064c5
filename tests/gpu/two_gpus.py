"""Suspend and bring back process trees on a machine of two GPUs, and say what the probe says of them.

    python tests/gpu/two_gpus.py [TITLE ...]     (two NVIDIA GPUs, a driver of 570 or newer, torch, root; snapdoctor installed)

The NCCL pairs come last: a driver that never answers keeps the machine's later programs waiting.
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
from snapdoctor.staging import suspended_in_place


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
        report = suspended_in_place(one.pid, active_codes((), ()))
        assert report.rehearsed is not None
        rehearsal = report.rehearsed.rehearsal
        state, checkpoint = rehearsal.state, rehearsal.checkpoint
        assert state is not None
        assert checkpoint is not None
        told = checkpoint.skipped or ", ".join(
            f"{process.step} {process.error}" if process.error else "ok" for process in checkpoint.processes
        )
        seen = (checkpoint.used_before, checkpoint.used_suspended, checkpoint.used_after)
        used = " -> ".join(size(value) if value is not None else "?" for value in seen)
        held = " ".join(str(gpus_held(process)) for process in state.processes)
        rules = " ".join(sorted({finding.rule for finding in report.findings})) or "-"
        took = f"{checkpoint.suspend_seconds:.2f} s, {checkpoint.resume_seconds:.2f} s"
        print(f"| {program.title} | {held} | {told} | {used} | {took} | {rules} | {'yes' if one.is_right() else 'NO'} |", flush=True)


if __name__ == "__main__":
    main()
