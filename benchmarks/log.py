"""A large log: `snapdoctor diagnose` against ripgrep searching for the same texts, and the memory it takes.

`python benchmarks/log.py [MEGABYTES]` (default 1000) prints the ratio of the best of three runs each; it needs `rg` on the path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from snapdoctor import catalog

LIMIT = 3.0
LINE = '2026-11-23T10:00:00.123Z ta-01KABCDEFGH INFO 127.0.0.1:4242 - "POST /v1/chat/completions HTTP/1.1" 200 OK, 512 tokens in 1.7 s\n'
RARE = "OSError: libgomp.so.1: cannot open shared object file: No such file or directory\n"


def best(command: list[str], answer: int) -> tuple[float, float]:
    """Seconds of the fastest of three runs, and the most memory that one took, in MB."""
    fastest, most = float("inf"), 0.0
    for _ in range(3):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        fastest, most = min(fastest, time.perf_counter() - start), max(most, used.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) != answer:
            raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return fastest, most


def main() -> None:
    """Write the log, search it twice, compare."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    ripgrep = shutil.which("rg")
    if ripgrep is None:
        raise SystemExit("this benchmark needs ripgrep (`apt-get install ripgrep`)")
    with tempfile.TemporaryDirectory() as folder:
        log, texts = Path(folder, "app.log"), Path(folder, "texts")
        block = (LINE * (1_000_000 // len(LINE))).encode()
        with log.open("wb") as file:
            for number in range(megabytes):
                file.write(block)
                if number % 100 == 50:
                    file.write(RARE.encode())
        texts.write_text("".join(f"{one.fragment}\n" for entry in catalog.entries() for one in entry.signatures()))
        theirs, _ = best([ripgrep, "--fixed-strings", "--line-number", "--file", str(texts), str(log)], 0)
        ours, peak = best([sys.executable, "-m", "snapdoctor", "diagnose", str(log)], 1)
    over = "" if ours / theirs <= LIMIT else "  OVER"
    print(
        f"{megabytes} MB log: diagnose {ours:.2f} s / rg {theirs:.2f} s = {ours / theirs:.2f}  (limit {LIMIT}){over}; at most {peak:.0f} MB of memory"
    )
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    os.environ["PYTHONSAFEPATH"] = "1"
    main()
