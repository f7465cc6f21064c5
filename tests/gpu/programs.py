"""Programs that hold a GPU in one way each: they say READY, and answer each line of input with whether their results are still right."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = """
import os, sys, time
def serve(right=lambda: True):
    print("READY", flush=True)
    for _ in sys.stdin:
        print("RIGHT" if right() else "WRONG", flush=True)
"""
CONTEXT = """
import torch
x = torch.randn(4096, 4096, device="cuda", dtype=torch.bfloat16)
y = (x @ x).float().sum().item()
def right():
    return (x @ x).float().sum().item() == y
"""


class Program(NamedTuple):
    """One way to hold a GPU."""

    title: str
    code: str
    environment: tuple[tuple[str, str], ...] = ()


PROGRAMS = (
    Program("no CUDA", "serve()"),
    Program("torch imported", "import torch\nserve()"),
    Program("libcuda initialised", "import ctypes\nassert ctypes.CDLL('libcuda.so.1').cuInit(0) == 0\nserve()"),
    Program("NVML only", "import pynvml\npynvml.nvmlInit()\nserve()"),
    Program("asked for availability", "import torch\nassert torch.cuda.is_available()\nserve()"),
    Program("context", CONTEXT + "serve(right)"),
    Program("pinned memory", CONTEXT + "kept = torch.ones(1 << 26, pin_memory=True)\nserve(right)"),
    Program("expandable segments", CONTEXT + "serve(right)", (("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True"),)),
    Program(
        "CUDA graph",
        CONTEXT
        + """
s, graph = torch.zeros(1024, device="cuda"), torch.cuda.CUDAGraph()
torch.cuda.synchronize()
with torch.cuda.graph(graph):
    s += 1
def replays():
    before = s[0].item()
    graph.replay()
    torch.cuda.synchronize()
    return s[0].item() == before + 1 and right()
serve(replays)
""",
    ),
    Program(
        "compiled, pool alive",
        CONTEXT
        + """
f = torch.compile(lambda a: (a.float() * 2 + 1).sum())
z = f(x).item()
serve(lambda: f(x).item() == z and right())
""",
    ),
    Program(
        "compiled, one thread",
        CONTEXT
        + """
f = torch.compile(lambda a: (a.float() * 2 + 1).sum())
z = f(x).item()
serve(lambda: f(x).item() == z and right())
""",
        (("TORCHINDUCTOR_COMPILE_THREADS", "1"),),
    ),
    Program(
        "NCCL, one rank",
        CONTEXT
        + """
import torch.distributed as distributed
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29511")
distributed.init_process_group("nccl", rank=0, world_size=1)
distributed.all_reduce(torch.ones(1, device="cuda"))
serve(right)
""",
    ),
    Program(
        "managed memory",
        CONTEXT
        + """
import ctypes
cuda, pointer = ctypes.CDLL("libcuda.so.1"), ctypes.c_uint64()
assert cuda.cuMemAllocManaged(ctypes.byref(pointer), ctypes.c_size_t(64 << 20), 1) == 0
assert cuda.cuMemsetD8_v2(pointer, 7, ctypes.c_size_t(64 << 20)) == 0
torch.cuda.synchronize()
serve(right)
""",
    ),
    Program(
        "forked child",
        CONTEXT
        + """
if not os.fork():
    time.sleep(600)
serve(right)
""",
    ),
    Program(
        "DataLoader workers",
        CONTEXT
        + """
from torch.utils.data import DataLoader
loader = iter(DataLoader(range(1000), batch_size=2, num_workers=3, persistent_workers=True))
next(loader)
serve(right)
""",
    ),
    Program(
        "executed child with a context",
        CONTEXT
        + f"""
import subprocess
child = subprocess.Popen([sys.executable, "-c", {PREFIX + CONTEXT + "serve(right)"!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert child.stdout.readline() == "READY\\n"
def both():
    child.stdin.write("x\\n")
    child.stdin.flush()
    return child.stdout.readline() == "RIGHT\\n" and right()
serve(both)
""",
    ),
    Program(
        "spawned worker with a context",
        CONTEXT
        + """
import torch.multiprocessing as mp
context = mp.get_context("spawn")
pool = context.Pool(1)
pool.apply(torch.cuda.init)
assert pool.apply(torch.cuda.mem_get_info)[0] > 0
pool.apply(torch.cuda.synchronize)
serve(right)
""",
    ),
    Program(
        "8 GiB on the device",
        CONTEXT
        + """
big = torch.full((8 << 30,), 3, dtype=torch.uint8, device="cuda")
serve(lambda: int(big[::1 << 20].sum()) == 3 * (8 << 10) and right())
""",
    ),
)

RANK = """
import os, sys, torch, torch.distributed as distributed
rank = int(sys.argv[1])
torch.cuda.set_device(rank)
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29512")
distributed.init_process_group("nccl", rank=rank, world_size=2)
x = torch.full((1 << 20,), float(rank + 1), device="cuda")
distributed.all_reduce(x)
def right():
    y = torch.full((1 << 20,), float(rank + 1), device="cuda")
    distributed.all_reduce(y)
    torch.cuda.synchronize()
    return y[7].item() == 3.0
"""
TWO_RANKS = f"""
import subprocess
code = {PREFIX + RANK + "serve(right)"!r}
ranks = [subprocess.Popen([sys.executable, "-c", code, str(rank)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for rank in (0, 1)]
def word(process):
    for line in process.stdout:
        if line in ("READY\\n", "RIGHT\\n", "WRONG\\n"):
            return line
assert [word(process) for process in ranks] == ["READY\\n", "READY\\n"]
def all_right():
    for process in ranks:
        process.stdin.write("x\\n")
        process.stdin.flush()
    return [word(process) for process in ranks] == ["RIGHT\\n", "RIGHT\\n"]
serve(all_right)
"""
# NCCL's transports between GPUs, all off (reported to be what makes a capture of several GPUs pass: NVIDIA/nvcf #1183).
NO_TRANSPORTS = (("NCCL_P2P_DISABLE", "1"), ("NCCL_SHM_DISABLE", "1"), ("NCCL_NVLS_ENABLE", "0"))
SECOND = """
b = torch.randn(4096, 4096, device="cuda:1", dtype=torch.bfloat16)
c = (b @ b).float().sum().item()
def both():
    return (b @ b).float().sum().item() == c and right()
"""
TWO_GPUS = (
    Program("one of two GPUs", CONTEXT + "serve(right)"),
    Program("one GPU, the other not visible", CONTEXT + "serve(right)", (("CUDA_VISIBLE_DEVICES", "0"),)),
    Program("both GPUs", CONTEXT + SECOND + "serve(both)"),
    Program("both GPUs, copies between them", CONTEXT + SECOND + "b.copy_(x)\nc = (b @ b).float().sum().item()\nx.copy_(b)\nserve(both)"),
    Program("NCCL, two ranks, its transports off", TWO_RANKS, NO_TRANSPORTS),
    Program("NCCL, two ranks", TWO_RANKS),
)


class Running(NamedTuple):
    """A program that holds what it should."""

    pid: int
    process: subprocess.Popen[str]

    def is_right(self) -> bool:
        """Whether its results are what they were before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write("x\n")
            self.process.stdin.flush()
            return self.process.stdout.readline() == "RIGHT\n"
        except BrokenPipeError:
            return False


@contextlib.contextmanager
def running(program: Program) -> Iterator[Running]:
    """Start a program and wait until it is ready; its whole process group is ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREFIX + textwrap.dedent(program.code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **dict(program.environment)},
    )
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            if line == "READY\n":
                break
            said.append(line)
        else:
            raise RuntimeError(f"{program.title}: the program ended before it was ready: {''.join(said)}")
        print(*said, sep="", end="")
        yield Running(process.pid, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
