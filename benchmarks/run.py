"""What linting costs, as ratios of whole processes in alternating pairs; exits 1 past a limit.

Run with `make bench`. Seconds differ between machines and hours, ratios hardly do.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PYTHON = sys.executable
LINT = [str(Path(PYTHON).parent / "snapdoctor"), "lint"]
WALK = """
import sys, os
from concurrent.futures import ProcessPoolExecutor
import libcst as cst
FIELDS = {}
SKIP = ("whitespace", "lpar", "rpar", "lbracket", "rbracket", "comma", "header", "footer", "leading_lines", "trailing", "semicolon", "equal")
def walk(path):
    stack, count = [cst.parse_module(open(path, "rb").read())], 0
    while stack:
        node = stack.pop()
        count += 1
        names = FIELDS.get(type(node))
        if names is None:
            names = FIELDS[type(node)] = tuple(n for n in node.__dataclass_fields__ if not n.startswith(SKIP))
        for name in names:
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                stack.append(value)
            elif isinstance(value, (list, tuple)):
                stack.extend(v for v in value if isinstance(v, cst.CSTNode))
    return count
if __name__ == "__main__":
    paths = [os.path.join(d, f) for d, _, fs in os.walk(sys.argv[1]) for f in fs]
    with ProcessPoolExecutor(2) as pool:
        sum(pool.map(walk, paths, chunksize=16))
"""


class Pair(NamedTuple):
    """A command, its yardstick and the most it may cost of it."""

    name: str
    command: list[str]
    yardstick: list[str]
    limit: float
    rounds: int


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall time of one whole process."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    spent = time.perf_counter() - started
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return spent


def ratio(pair: Pair, environment: dict[str, str]) -> float:
    """Median of the ratios of alternating runs, after one warm-up each."""
    seconds(pair.command, environment)
    seconds(pair.yardstick, environment)
    found = [seconds(pair.command, environment) / seconds(pair.yardstick, environment) for _ in range(pair.rounds)]
    return statistics.median(found)


def sparse_tree(folder: Path) -> Path:
    """980 files of installed packages, Modal's own left out, and 20 apps."""
    sources = sorted(
        path
        for path in Path(sysconfig.get_paths()["purelib"]).rglob("*.py")
        if 500 < path.stat().st_size < 60_000 and not {"modal", "snapdoctor"} & set(path.parts)
    )
    for number in range(980):
        target = folder / f"part{number % 20}" / f"module{number}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sources[number * len(sources) // 980], target)
    for number in range(20):
        shutil.copyfile(HERE / "app.py", folder / f"part{number}" / "app.py")
    return folder


def dense_tree(folder: Path) -> Path:
    """1,000 apps without findings."""
    for number in range(1000):
        target = folder / f"part{number % 20}" / f"app{number}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "app.py", target)
    return folder


def main() -> None:
    """Measure every pair and print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        one, sparse, dense = str(HERE / "app.py"), str(sparse_tree(folder / "sparse")), str(dense_tree(folder / "dense"))
        walker = folder / "walk.py"
        walker.write_text(WALK, encoding="utf-8")
        ruff = [PYTHON, "-m", "ruff"] if shutil.which("ruff") is None else ["ruff"]
        pairs = [
            Pair("one 150-line app / import libcst", [*LINT, one, "--no-cache"], [PYTHON, "-c", "import libcst"], 1.5, 9),
            Pair(
                "1,000 files with 20 apps / ruff check --no-cache",
                [*LINT, sparse, "--no-cache"],
                [*ruff, "check", "--isolated", "--no-cache", "--statistics", sparse],
                3.0,
                5,
            ),
            Pair("1,000 clean apps / parse and walk, 2 processes", [*LINT, dense, "--no-cache"], [PYTHON, str(walker), dense], 1.5, 1),
            Pair("one app from a warm cache / python -c pass", [*LINT, one], [PYTHON, "-c", "pass"], 8.0, 15),
        ]
        worst = 0
        for pair in pairs:
            found = ratio(pair, environment)
            over = found > pair.limit
            worst |= over
            print(f"{pair.name:52} {found:6.2f}  (limit {pair.limit}){'  OVER' if over else ''}", flush=True)
    sys.exit(worst)


if __name__ == "__main__":
    main()
