"""Suspend and bring back real CUDA process trees with `snapdoctor rehearse --pid`, and say whether they went on.

    python tests/gpu/rehearse.py [TITLE ...]     (an NVIDIA driver of 570 or newer, torch, root; snapdoctor installed)

Then one tree whose rehearsal is killed in the middle: it must run on, unlocked.
"""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))

from driver import Driver
from probe import machine
from programs import PROGRAMS, Program, running

from snapdoctor.container.questions import size
from snapdoctor.linting import active_codes
from snapdoctor.staging import suspended_in_place

WANTED = (
    "no CUDA", "context", "pinned memory", "expandable segments", "CUDA graph", "compiled, pool alive", "compiled, one thread",
    "NCCL, one rank", "forked child", "executed child with a context", "managed memory", "8 GiB on the device",
)  # fmt: skip
COMMAND = "import sys; from snapdoctor.cli.main import main; sys.argv[0] = 'snapdoctor'; main()"


def main() -> None:
    """Run every program, or those named."""
    titles = sys.argv[1:] or list(WANTED)
    print(f"Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}. {machine()}\n")
    print("| program | suspended | GPU memory before, suspended, after | out, back | findings | right afterwards |")
    print("|---|---|---|---|---|---|")
    wrong = [program.title for program in PROGRAMS if program.title in titles if not row(program)]
    big = next(program for program in PROGRAMS if program.title == "8 GiB on the device")
    killed = all(was_left_running(big, after) for after in (1.0, 3.0, 6.0)) if "8 GiB on the device" in titles else True
    print(f"\n{len(wrong)} trees were not as they had to be{': ' + ', '.join(wrong) if wrong else ''}.")
    sys.exit(1 if wrong or not killed else 0)


def row(program: Program) -> bool:
    """Rehearse one program in place, and print it; whether it is as it has to be."""
    with running(program) as one:
        report = suspended_in_place(one.pid, active_codes((), ()))
        assert report.rehearsed is not None
        checkpoint = report.rehearsed.rehearsal.checkpoint
        assert checkpoint is not None
        is_right = one.is_right()
        driver = Driver()
        states = {process.pid for process in checkpoint.processes if not driver.holds_cuda(process.pid)}
        rules = sorted({finding.rule for finding in report.findings})
        used = " -> ".join(
            size(value) if value is not None else "?"
            for value in (checkpoint.used_before, checkpoint.used_suspended, checkpoint.used_after)
        )
        told = checkpoint.skipped or ", ".join(
            f"{process.step} {process.error}" if process.error else "ok" for process in checkpoint.processes
        )
        print(
            f"| {program.title} | {told} | {used} | {checkpoint.suspend_seconds:.2f} s, {checkpoint.resume_seconds:.2f} s | {' '.join(rules) or '-'} "
            f"| {'yes' if is_right else 'NO'} |",
            flush=True,
        )
        managed = program.title == "managed memory"
        return is_right and not states and bool(checkpoint.failed) == managed and ("SNAP305" in rules) == managed


def was_left_running(program: Program, after: float) -> bool:
    """Kill the rehearsal some seconds after its start, wherever it is then; the tree has to answer as before."""
    with running(program) as one:
        rehearsal = subprocess.Popen([sys.executable, "-c", COMMAND, "rehearse", "--pid", str(one.pid)], stdout=subprocess.DEVNULL)
        time.sleep(after)
        rehearsal.send_signal(signal.SIGKILL)
        rehearsal.wait()
        began = time.monotonic()
        is_right = one.is_right()
        print(
            f"killed after {after:g} s: the tree answered {'right' if is_right else 'WRONG'} after {time.monotonic() - began:.1f} s more",
            flush=True,
        )
        return is_right


if __name__ == "__main__":
    main()
