"""See TorchInductor's compile workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.engines.torch import COMPILE_THREADS, COMPILE_WORKER
from snapdoctor.finding import Severity
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.runs(state, "torch", "sglang", "vllm")


def check(state: ContainerState) -> Iterator[Sighting]:
    """Each pool once, at the process that leads it."""
    workers = {process.pid: process for process in state.processes if process.role == COMPILE_WORKER}
    for leader in workers.values():
        if leader.parent in workers:
            continue
        pool = [leader, *(one for one in questions.below(state, leader) if one.role == COMPILE_WORKER)]
        yield _sighting(state, leader, pool)


def _sighting(state: ContainerState, leader: Process, pool: list[Process]) -> Sighting:
    memory = sum(process.anonymous or 0 for process in pool)
    # Forked workers share pages with their leader, so that the sum is an upper bound.
    held = f", {'at most ' if len(pool) > 1 else ''}{questions.size(memory)} of memory" if memory else ""
    many = f"{len(pool)} compile workers of torch" if len(pool) > 1 else "A compile worker of torch"
    message = f"{many} will be part of the capture{held}: that makes the image larger, and Modal names such processes as a cause of failing snapshots."
    holding = sum(1 for process in pool if questions.inherits_devices(state, process))
    if holding:
        message += f" {holding} of them hold GPU devices without CUDA state, which gVisor before June 2026 refused to save."
    return Sighting(
        leader,
        message,
        f"Set {COMPILE_THREADS}=1 in the image, or call torch._inductor.async_compile.shutdown_compile_workers() before the hook ends.",
        severity=Severity.WARNING if holding else None,
    )
