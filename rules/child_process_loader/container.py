"""See GPU children that no known snapshot protocol covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(questions.has_context(process) for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """A process with a context of its own that is not the app's Python, and whose engine is unknown or has no protocol."""
    main = questions.main_process(state)
    for process in state.processes:
        if process.pid == main.pid or not questions.has_context(process) or not questions.holds_cuda(process) or _is_covered(process):
            continue
        memory = process.cuda.memory if process.cuda is not None else None
        held = f" with {questions.size(memory)} of GPU memory" if memory else ""
        yield Sighting(
            process,
            f"{process.title} is a child process{held} that follows no snapshot protocol that is known here. Modal captures the whole process "
            "tree, so it will be in the snapshot; whether it is loaded, warmed up and idle by then is up to the app.",
            "Wait for its readiness in the hook, send it two or three real requests, and let it rest; or load the model in process.",
        )


def _is_covered(process: Process) -> bool:
    engine = questions.engine_of(process)
    if engine is None or engine.underlies:
        return False
    return engine.snapshot_protocol or engine.proven_child or engine.ggml
