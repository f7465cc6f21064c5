"""See settings that the running engine ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions
from snapdoctor.container.model import GGUF
from snapdoctor.engines import llama_server
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState


def could_show(_state: ContainerState) -> bool:
    """A rejected flag ends the process, and of the ignored ones only two can be seen: silence says nothing."""
    return False


def check(state: ContainerState) -> Iterator[Sighting]:
    """llama-server with one of the variables that its builds of today ignore, and a model that is mapped all the same."""
    mapping = {found.process.pid for found in questions.weights(state) if found.file.content == GGUF}
    for process in state.processes:
        if process.engine != "llama-server" or process.pid not in mapping:
            continue
        for name in llama_server.DEAD_VARIABLES:
            value = questions.variable(process, name)
            if value is not None and (name.endswith("NO_MMAP") or value.lower() in llama_server.OFF):
                yield Sighting(
                    process,
                    f"{name}={value} is set for {questions.engine_title(process)}, and the model is mapped all the same: this build ignores the "
                    "variable without a word.",
                    "Write LLAMA_ARG_LOAD_MODE=none, or --load-mode none on its command line.",
                    name,
                )
