"""What torch starts and keeps; needs a Python with torch."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .hazard import Steps, hazard, same_if


def children() -> int:
    return sum(len(path.read_text().split()) for path in Path("/proc/self/task").glob("*/children"))


def torch() -> Any:
    """The module; OSError where it is not installed, as for any hazard that cannot be made."""
    if importlib.util.find_spec("torch") is None:
        raise OSError(0, "torch is not installed")
    import torch

    return torch


@hazard
def torch_eager(folder: Path) -> Steps:
    """A layer and its threads."""
    t = torch()
    layer, x = t.nn.Linear(256, 256), t.ones(4, 256)
    with t.no_grad():
        before = layer(x)
        yield {}
        return same_if(bool(t.equal(before, layer(x))), "another result")


def compiled(close: bool) -> Steps:
    t = torch()
    from torch._inductor import async_compile, config

    config.compile_threads = 2
    pool = async_compile.AsyncCompile.process_pool()
    assert pool.submit(math.factorial, 5).result(120) == 120
    layer, x = t.nn.Linear(64, 64), t.ones(8, 64)
    step = t.compile(lambda x: t.relu(layer(x)) * 2 + x.sum())
    with t.no_grad():
        before = step(x)
        if close:
            async_compile.shutdown_compile_workers()
            deadline = time.monotonic() + 30
            while children() and time.monotonic() < deadline:
                time.sleep(0.05)
        yield {"children": children()}
        if not close:
            assert pool.submit(math.factorial, 6).result(60) == 720
        y = t.ones(4, 64)
        new = t.compile(lambda x: t.sin(x) + layer(x))(y)
        return same_if(bool(t.equal(before, step(x)) and t.allclose(new, t.sin(y) + layer(y), atol=1e-5)), "another result")


@hazard
def torch_compile_with_workers(folder: Path) -> Steps:
    """`torch.compile` with its pool of compile workers alive."""
    return (yield from compiled(close=False))


@hazard
def torch_compile_without_workers(folder: Path) -> Steps:
    """`torch.compile` with the pool shut down before the checkpoint."""
    return (yield from compiled(close=True))


@hazard
def torch_data_loader(folder: Path) -> Steps:
    """A DataLoader with persistent workers, read halfway."""
    t = torch()
    data = t.utils.data.TensorDataset(t.arange(64).float())
    batches = iter(t.utils.data.DataLoader(data, batch_size=4, num_workers=2, persistent_workers=True))
    first = next(batches)[0].sum().item()
    yield {"children": children()}
    return same_if(first + sum(batch[0].sum().item() for batch in batches) == sum(range(64)), "a batch is lost")


@hazard
def torch_process_group(folder: Path) -> Steps:
    """A gloo process group of two over loopback TCP."""
    t = torch()
    dist = t.distributed
    where = "init_method='tcp://127.0.0.1:29417', world_size=2"
    program = f"""
import torch, torch.distributed as dist
dist.init_process_group('gloo', {where}, rank=1)
for _ in range(2):
    dist.all_reduce(torch.ones(1) * 2)
"""
    child = subprocess.Popen([sys.executable, "-c", program])
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:29417", world_size=2, rank=0)

    def reduced() -> float:
        value = t.ones(1)
        dist.all_reduce(value)
        return float(value.item())

    assert reduced() == 3.0
    yield {"child": child.pid}
    return same_if(reduced() == 3.0, "another sum")
