"""See SGLang servers that cannot give their memory back, or cannot get their weights again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import questions, roles
from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.container.roles import SERVER
from snapdoctor.engines.sglang import BACKUP, SAVER
from snapdoctor.finding import Confidence
from snapdoctor.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.model import ContainerState, Process

PRELOADED = "torch_memory_saver"


def could_show(state: ContainerState) -> bool:
    """Whether what the hazard is about is there at all."""
    return questions.runs(state, "sglang")


def check(state: ContainerState) -> Iterator[Sighting]:
    """A live command line without the saver or the backup; options from a file or a rewritten title leave it open."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return
    for process in state.processes:
        if process.engine == "sglang" and process.role == "scheduler":
            yield from _of_scheduler(state, process)
        if process.engine != "sglang" or process.role != SERVER or roles.option(process, "--config").present is not False:
            continue
        if roles.option(process, SAVER).present is False:
            if not any(_preloads(one) for one in questions.below(state, process)):
                yield Sighting(
                    process,
                    f"{questions.engine_title(process)} runs without {SAVER}: a release before the capture answers OK and frees nothing, so weights "
                    "and KV cache are captured with it.",
                    f"Start it with {SAVER} {BACKUP}, release before the hook ends and resume after the restore.",
                    SAVER,
                )
        elif roles.option(process, SAVER).present is True and roles.option(process, BACKUP).present is False:
            yield Sighting(
                process,
                f"{questions.engine_title(process)} runs with {SAVER} and without {BACKUP}: weights that are released before the capture come back "
                "as garbage, without an error.",
                f"Add {BACKUP}, or load the weights again after the restore.",
                BACKUP,
                confidence=Confidence.LIKELY,
            )


def _of_scheduler(state: ContainerState, process: Process) -> Iterator[Sighting]:
    """`sglang.Engine` in the app's own process has no command line to read; its scheduler has the saver's hook loaded, or has not."""
    if any(one.engine == "sglang" for one in questions.above(state, process)) or questions.unseen(state, process, "mappings"):
        return
    if process.mapped and not _preloads(process):
        yield Sighting(
            process,
            f"{process.title} of SGLang runs without torch_memory_saver: a release before the capture answers OK and frees nothing, so weights and "
            "KV cache are captured with it.",
            "Give sglang.Engine(enable_memory_saver=True, enable_weights_cpu_backup=True), release before the hook ends and resume after the restore.",
        )


def _preloads(process: Process) -> bool:
    """Whether the saver's hook is loaded in this process, whatever the command line says."""
    return PRELOADED in (questions.variable(process, "LD_PRELOAD") or "") or any(PRELOADED in one.path for one in process.mapped)
