"""What a look costs: 50 processes with 10,000 mapped files between them, and what it leaves behind in them, which must be nothing.

    python benchmarks/probe.py

Exits 1 when a look takes longer than a second, or when anything of the probed processes differs afterwards.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from snapdoctor.container.reader import read_state
from snapdoctor.probing import live_state

PROCESSES, FILES, ROUNDS, LIMIT = 50, 200, 9, 1.0
TREE = f"""
import mmap, os, signal, sys
reader, writer = os.pipe()
for number in range({PROCESSES - 1}):
    if not os.fork():
        os.close(reader)
        break
else:
    os.close(writer)
kept = []
for name in sorted(os.listdir(sys.argv[1]))[:{FILES}]:
    with open(os.path.join(sys.argv[1], name), "r+b") as file:
        kept.append(mmap.mmap(file.fileno(), 0, flags=mmap.MAP_SHARED if len(kept) % 2 else mmap.MAP_PRIVATE))
if "reader" in dir() and os.getppid() == {os.getpid()}:
    for _ in range({PROCESSES - 1}):
        os.read(reader, 1)
    print("READY", flush=True)
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)
os.write(writer, b"x")
signal.pause()
"""


def residue(pids: list[int]) -> dict[int, tuple[object, ...]]:
    """Descriptors, threads, mappings and signals of every process."""
    found = {}
    for pid in pids:
        folder = Path(f"/proc/{pid}")
        descriptors = sorted((one.name, os.readlink(one)) for one in (folder / "fd").iterdir())
        status = [
            line for line in (folder / "status").read_text().splitlines() if line.startswith(("Threads", "TracerPid", "SigPnd", "ShdPnd"))
        ]
        found[pid] = (descriptors, sorted(os.listdir(folder / "task")), (folder / "maps").read_bytes(), status)
    return found


def main() -> None:
    """Build the tree, look, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"{number:04}").write_bytes(os.urandom(1 << 16))
        tree = subprocess.Popen(
            [sys.executable, "-c", TREE, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert tree.stdout is not None
        assert tree.stdout.readline() == "READY\n"
        state = read_state(tree.pid)
        pids = [process.pid for process in state.processes]
        mapped = sum(1 for process in state.processes for one in process.mapped if one.path.startswith(folder))
        before = residue(pids)
        looks = [read_state(tree.pid).seconds for _ in range(ROUNDS)]
        started = time.perf_counter()
        live_state(tree.pid)
        whole = time.perf_counter() - started
        differing = [pid for pid, held in residue(pids).items() if held != before[pid]]
        tree.stdin.close()  # type: ignore[union-attr]
        tree.wait()
    print(f"{len(pids)} processes, {mapped} mapped files of the tree's own, {sum(len(one.mapped) for one in state.processes)} in all")
    print(f"look: {statistics.median(looks):.2f} s (median of {ROUNDS}), with a child process of its own {whole:.2f} s; limit {LIMIT} s")
    print(f"residue: {len(differing)} processes differ afterwards; {len(state.gaps)} gaps")
    sys.exit(1 if differing or state.gaps or mapped != PROCESSES * FILES or statistics.median(looks) > LIMIT else 0)


if __name__ == "__main__":
    main()
