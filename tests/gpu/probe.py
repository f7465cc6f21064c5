"""Hold the probe's verdicts on real GPU process trees against what the driver's checkpoint then really does.

    python tests/gpu/probe.py [--states FOLDER] [TITLE ...]     (an NVIDIA driver of 570 or newer, torch, root; snapdoctor installed)

Prints a table. `checkpoint` is every process of the tree that holds CUDA state, locked and checkpointed as gVisor does it.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))

from driver import Driver, checkpoint
from programs import PROGRAMS, Program, running

from snapdoctor.container.document import to_json
from snapdoctor.finding import Severity
from snapdoctor.linting import active_codes
from snapdoctor.probing import findings, live_state


def main() -> None:
    """Run every program, or those named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--states", type=Path)
    parser.add_argument("titles", nargs="*")
    options = parser.parse_args()
    driver = Driver()
    print(f"Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}. {machine()}\n")
    print(
        "| program | processes | CUDA state | GPU MiB | uvm ranges, MiB | probe | verdict | checkpoint | GPU MiB left | restore | right |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    wrong = [
        program.title
        for program in PROGRAMS
        if program.title in options.titles or not options.titles
        if not row(program, driver, options.states)
    ]
    print(f"\n{len(wrong)} verdicts differ from the driver's{': ' + ', '.join(wrong) if wrong else ''}.")
    sys.exit(1 if wrong else 0)


def machine() -> str:
    """GPU, driver and torch."""
    import pynvml
    import torch

    pynvml.nvmlInit()
    name, version = pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(0)), pynvml.nvmlSystemGetDriverVersion()
    pynvml.nvmlShutdown()
    return f"{name}, driver {version}, torch {torch.__version__}, Python {sys.version.split()[0]}."


def row(program: Program, driver: Driver, states: Path | None) -> bool:
    """Probe one program, checkpoint it, and print both; whether they agree."""
    with running(program) as one:
        state = live_state(one.pid)
        if states is not None:
            (states / f"{program.title.replace(' ', '-').replace(',', '')}.json").write_text(to_json(state) + "\n")
        found = findings(state, active_codes((), ()))
        blocks = any(finding.severity is Severity.ERROR for finding in found)
        held = [process for process in state.processes if process.cuda is not None]
        agreed = {process.pid for process in held if process.cuda is not None and process.cuda.state == "running"} == {
            process.pid for process in state.processes if driver.holds_cuda(process.pid)
        }
        uvm = [use for process in held if process.cuda is not None for use in process.cuda.devices if use.path.endswith("nvidia-uvm")]
        outcome = checkpoint(driver, [process.pid for process in state.processes if driver.holds_cuda(process.pid)], one.is_right)
        right = agreed and blocks == (outcome.checkpoint != "ok")
        print(
            f"| {program.title} | {len(state.processes)} | {', '.join(str(process.cuda.state) for process in held if process.cuda)} "
            f"| {sum((process.cuda.memory or 0) for process in held if process.cuda) >> 20} "
            f"| {sum(use.ranges for use in uvm)}, {sum(use.size for use in uvm) >> 20} "
            f"| {state.seconds:.2f} s; {' '.join(sorted({f'{finding.rule}' for finding in found})) or '-'} "
            f"| {'cannot be captured' if blocks else 'can be captured'} | {outcome.checkpoint} {outcome.seconds:.1f} s "
            f"| {outcome.left} | {outcome.restore} | {'yes' if outcome.right else 'NO'} |{'' if right else ' <- differs'}",
            flush=True,
        )
        for gap in state.gaps:
            print(f"<!-- {gap} -->")
        return right


if __name__ == "__main__":
    main()
