"""`check()` and `restored()` in a real CUDA process: no residue, and CUDA's answer before, during and after a checkpoint.

python tests/gpu/checking.py     (an NVIDIA driver of 570 or newer, torch, root; snapdoctor installed)
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from driver import Driver
from probe import machine
from programs import CONTEXT, Program, running

PROGRAM = Program(
    "context",
    CONTEXT
    + """
import snapdoctor
from snapdoctor.checking import check
from snapdoctor.container.cuda_answer import cuda_answer
def residue():
    descriptors = sorted(os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))
    with open("/proc/self/maps") as maps:
        mapped = sorted({line.split()[5] for line in maps if len(line.split()) > 5 and line.split()[5].startswith("/")})
    return descriptors, sorted(os.listdir("/proc/self/task")), mapped, sorted(name for name in sys.modules)
import json
before = residue()
found = check(raise_on="never", show=False)
print("RESIDUE", "none" if residue() == before else "SOME", flush=True)
print("READY", flush=True)
for line in sys.stdin:
    print("RIGHT" if cuda_answer(2.0) == line.strip() else "WRONG " + cuda_answer(2.0), flush=True)
""",
)


def main() -> None:
    """Print what CUDA answers in each state of the driver."""
    driver = Driver()
    print(machine())
    with running(PROGRAM) as one:
        assert one.process.stdin is not None
        assert one.process.stdout is not None

        def ask(expected: str) -> str:
            one.process.stdin.write(f"{expected}\n")  # type: ignore[union-attr]
            one.process.stdin.flush()  # type: ignore[union-attr]
            return one.process.stdout.readline().strip()  # type: ignore[union-attr]

        print("running:", ask("answers"))
        print("lock:", driver.step("Lock", [one.pid]))
        print("locked:", ask("the GPU gave no answer within 2.0 s"))
        for step in ("Checkpoint", "Restore", "Unlock"):
            print(f"{step.lower()}:", driver.step(step, [one.pid]))
        print("running again:", ask("answers"))


if __name__ == "__main__":
    main()
