"""See weights that live processes map from their file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import GGUF
from snapdoctor.container.mounts import IN_THE_IMAGE
from snapdoctor.container.roles import IN_PROCESS
from snapdoctor.engines import llama_server
from snapdoctor.engines.version import Installed
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState
    from snapdoctor.container.questions import Weights

UNKNOWN_BUILD = Installed(None)


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return any(process.engine for process in state.processes)


def check(state: ContainerState) -> Iterator[Sighting]:
    """Every mapped file with weights, by its content; weights on the CPU of a capture without a GPU are Modal's documented pattern."""
    on_gpu = any(questions.holds_cuda(process) or questions.has_context(process) for process in state.processes)
    kinds = {mount.point: mount.kind for mount in state.mounts}
    for found in questions.weights(state):
        if kinds.get(found.file.mount) in IN_THE_IMAGE or (found.file.content != GGUF and not on_gpu):
            continue
        if found.mapped.dirty is not None and found.mapped.dirty >= found.mapped.size:
            continue
        yield Sighting(
            found.process,
            _message(found),
            _help(found),
            found.file.path,
            confidence=Confidence.CERTAIN if found.file.mount else Confidence.LIKELY,
        )


def _message(found: Weights) -> str:
    start = (
        f"{questions.engine_title(found.process)} maps {questions.size(found.mapped.size)} of weights from {found.file.path}. Mapped pages are not in "
        "the snapshot: "
    )
    if found.file.mount in ("", "/"):
        return start + "every restore opens that file again and needs it in place with the same bytes."
    return (
        start
        + f"every restore opens that file again, and it lies on the mount {found.file.mount}, which can change while the snapshot lives. "
        "Deleted, it fails the restore; rewritten, it gives wrong answers without an error."
    )


def _help(found: Weights) -> str:
    if found.file.content != GGUF:
        return 'Move the whole model to the GPU before the hook ends, .to("cuda") or device_map="cuda".'
    if found.process.engine == "llama-cpp-python":
        return "Load it with use_mmap=False." if found.process.role == IN_PROCESS else "Start the server with --use_mmap false."
    if found.process.engine == "llama-server":
        return f"Start it with {llama_server.spelling(UNKNOWN_BUILD)}."
    return "Switch the mapping off in the program that loads it, or keep the file unchanged in place as long as the snapshot is used."
