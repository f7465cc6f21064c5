"""SGLang's release and resume protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_starts, may_do, model_loads
from snapdoctor.app.values import constant
from snapdoctor.engines.command import flag
from snapdoctor.finding import Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

SAVER = "--enable-memory-saver"
BACKUP = "--enable-weights-cpu-backup"


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield the first step of the protocol that each SGLang engine before a GPU capture lacks."""
    if deployment.snapshot != "gpu":
        return
    events = list(engine_starts(deployment, model.BEFORE)) + list(model_loads(deployment, model.IMPORT, model.BEFORE))
    for event in events:
        if _is_sglang(event):
            yield from _protocol(deployment, event)


def _is_sglang(event: Event) -> bool:
    name = event.launch.engine if event.launch is not None else (event.load.engine if event.load is not None else None)
    return name == "sglang"


def _given(event: Event, option: str, prefix: str) -> bool | None:
    if event.launch is not None:
        config = flag(event.launch, "--config")
        found = flag(event.launch, option, prefix=prefix).present
        return None if found is False and config.present is not False else found
    value = event.arguments.get(option.removeprefix("--").replace("-", "_"))
    if value is None:
        return False
    known = constant(value)
    return known if isinstance(known, bool) else None


def _protocol(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    released = any(other.purpose == model.RELEASE for other in deployment.during(model.BEFORE)) or may_do(
        deployment, model.SLEEP, model.BEFORE
    )
    saver = _given(event, SAVER, "--enable-mem")
    certainty = confidence(deployment, event)
    if saver is False:
        freed = " Its release call then answers OK and frees nothing." if released else ""
        yield Hazard(
            event.site,
            f"{deployment.name} captures SGLang without {SAVER}: the KV cache and the weights stay on the GPU and are written into every snapshot.{freed}",
            f"Start SGLang with {SAVER} and {BACKUP}, POST /release_memory_occupation at the end of the snapshot hook and /resume_memory_occupation in @modal.enter(snap=False).",
            confidence=certainty,
        )
    elif saver is True and released and _given(event, BACKUP, "--enable-weights") is False and _releases_weights(deployment):
        yield Hazard(
            event.site,
            f"{deployment.name} releases SGLang's memory without {BACKUP}: the weights that come back after the restore are garbage.",
            f"Add {BACKUP} to the command.",
            severity=Severity.ERROR,
            confidence=certainty,
        )
    elif saver is True and not released:
        yield Hazard(
            event.site,
            f"{deployment.name} starts SGLang with {SAVER} but never releases the memory before the snapshot, so nothing is saved.",
            "POST /release_memory_occupation at the end of the snapshot hook, after the warm-up, and /resume_memory_occupation in @modal.enter(snap=False).",
            confidence=certainty,
        )


def _releases_weights(deployment: Deployment) -> bool:
    """Whether the release names no tags, or names the weights among them; unknown bodies count as no."""
    from snapdoctor.app.values import Mapping, Sequence

    for event in deployment.during(model.BEFORE):
        if event.purpose != model.RELEASE:
            continue
        body = event.request.body if event.request is not None else event.arguments.get("tags")
        tags = body.entries.get("tags") if isinstance(body, Mapping) else None
        if body is None or (isinstance(body, Mapping) and not body.open and tags is None):
            return True
        if isinstance(tags, Sequence) and any(constant(item) == "weights" for item in tags.items):  # type: ignore[arg-type]
            return True
    return False
