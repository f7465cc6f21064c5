"""See vLLM servers that cannot be put to sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions, roles
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.engines.vllm import DEV_MODE, SLEEP_MODE
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState

CLOSED = (None, "", "0")


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.runs(state, "vllm")


def check(state: ContainerState) -> Iterator[Sighting]:
    """A live command line without sleep mode, or with it and without the variable that opens its routes."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        if process.engine != "vllm" or process.role != "server" or roles.option(process, "--config").present is not False:
            continue
        asleep = roles.option(process, SLEEP_MODE).present
        if asleep is False:
            yield Sighting(
                process,
                f"{questions.engine_title(process)} runs without {SLEEP_MODE}: it cannot give weights and KV cache back before the capture, so all of its "
                "GPU memory is captured.",
                f"Start it with {SLEEP_MODE} and {DEV_MODE}=1, POST /sleep?level=1 before the hook ends and /wake_up after the restore.",
                SLEEP_MODE,
            )
        elif asleep is True and questions.variable(process, DEV_MODE) in CLOSED and not questions.unseen(state, process, "environment"):
            yield Sighting(
                process,
                f"{questions.engine_title(process)} runs with {SLEEP_MODE}, but without {DEV_MODE}=1 it has no /sleep and no /wake_up route.",
                f"Set {DEV_MODE}=1 in its environment.",
                DEV_MODE,
            )
