"""GPU snapshots over several GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu
from snapdoctor.app.questions import confidence, words_of
from snapdoctor.app.values import constant
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

FLAGS = ("--tensor-parallel-size", "-tp", "--tp", "--tp-size", "--pipeline-parallel-size", "--pp", "--pp-size", "--tensor_parallel_size")
HELP = "Use one larger GPU per container for the snapshot, or switch the GPU snapshot off for this deployment."


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a GPU snapshot whose container holds several GPUs."""
    if deployment.snapshot != "gpu":
        return
    gpu = deployment.gpu
    if isinstance(gpu, Gpu) and gpu.count is not None:
        if gpu.count > 1 and gpu.site is not None:
            yield Hazard(
                gpu.site,
                f"{deployment.name} takes a GPU snapshot with {gpu.count} GPUs per container, which usually fails or hangs: links between GPUs cannot be captured.",
                HELP,
                confidence=Confidence.LIKELY if gpu.likely or deployment.snapshot_likely else Confidence.CERTAIN,
            )
        return
    for event in deployment.find(model.PROCESS, model.LOAD, phases=(model.IMPORT, model.BEFORE)):
        ranks = _ranks(event)
        if ranks is not None and ranks > 1:
            yield Hazard(
                event.site,
                f"{deployment.name} takes a GPU snapshot of an engine that spreads its model over {ranks} GPUs, which usually fails or hangs.",
                HELP,
                confidence=confidence(deployment, event),
            )
            return


def _ranks(event: Event) -> int | None:
    if event.kind == model.LOAD:
        known = constant(event.arguments.get("tensor_parallel_size") or event.arguments.get("tp_size"))
        return known if isinstance(known, int) else None
    words = words_of(event)
    for index, word in enumerate(words):
        if word is None:
            continue
        flag, equals, value = word.partition("=")
        if flag in FLAGS:
            following = value if equals else (words[index + 1] if index + 1 < len(words) else None)
            return int(following) if following is not None and following.isdigit() else None
    return None
