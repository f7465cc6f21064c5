"""Compile workers alive at the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, title
from snapdoctor.engines.torch import COMPILE_THREADS
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard when something compiles with Inductor before a GPU capture and its pool is not switched off."""
    if deployment.snapshot != "gpu":
        return
    for event in deployment.during(model.IMPORT, model.BEFORE):
        what = _compiles(event)
        if what is None:
            continue
        setting = deployment.environment(COMPILE_THREADS, event)
        if setting.given is None or (setting.given and (setting.value == 1 or str(setting.value) == "1" or not setting.known)):
            return
        if any(other.name.endswith("shutdown_compile_workers") for other in deployment.during(model.BEFORE)):
            return
        yield Hazard(
            event.site,
            f"{what} in {deployment.name} starts TorchInductor's pool of compile workers, and they are captured with everything else: larger snapshots, and on some engines none at all.",
            f'Set {COMPILE_THREADS}="1" in the image (.env({{"{COMPILE_THREADS}": "1"}})), before anything compiles.',
            confidence=confidence(deployment, event),
            subject=COMPILE_THREADS,
        )
        return


def _compiles(event: Event) -> str | None:
    if event.kind == model.COMPILE and event.name == "torch.compile":
        return "torch.compile"
    if event.kind == model.PROCESS and event.launch is not None and event.launch.engine == "sglang":
        return title(event)
    if event.kind == model.LOAD and event.load is not None and event.load.engine == "sglang":
        return title(event)
    return None
