"""Find SGLang engines captured with their memory, or released in a way that loses the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.app.values import Const, Made, Mapping, Sequence, Spread, constant
from snapdoctor.engines.command import flag, role
from snapdoctor.engines.sglang import BACKUP, SAVER
from snapdoctor.finding import Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event
    from snapdoctor.app.values import Value

RELOADS = ("update_weights_from_disk", "update_weights_from_tensor", "update_weights_from_distributed", "update_weights")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """The first missing step of the protocol, for each engine that surely starts before a GPU capture."""
    if deployment.snapshot != "gpu":
        return
    for event in questions.brings_up(deployment, model.IMPORT, model.BEFORE):
        if not event.conditional and _is_sglang(event):
            yield from _missing_step(deployment, event)


def _is_sglang(event: Event) -> bool:
    if event.launch is not None:
        return event.launch.engine == "sglang" and not event.launch.waits
    return event.kind == model.LOAD and event.load is not None and event.load.engine == "sglang"


def _missing_step(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    releases = [other for other in deployment.during(model.BEFORE) if other.purpose == model.RELEASE]
    saver = _given(event, SAVER)
    if saver is False:
        yield _unsaved(deployment, event, releases)
    elif saver is True and not releases and not _may_release(deployment):
        yield Hazard(
            event.site,
            f"{deployment.name} starts SGLang with its memory saver but never releases the memory before the snapshot, so weights and KV cache stay on the GPU "
            "and all of it is captured and restored.",
            f"{_call(event, 'release')} at the end of the snapshot hook, after the warm-up, and {_call(event, 'resume')} once in @modal.enter(snap=False).",
            confidence=questions.confidence(deployment, event),
        )
    elif saver is True and _given(event, BACKUP) is False and not _reloads(deployment):
        dropped = [release for release in releases if not release.conditional and _drops_weights(release)]
        if dropped:
            yield _garbage(deployment, event, dropped[0])


def _unsaved(deployment: Deployment, event: Event, releases: list[Event]) -> Hazard:
    surely = [release for release in releases if not release.conditional]
    vain = ". The release call below answers OK and frees nothing" if surely else ""
    return Hazard(
        event.site,
        f"{deployment.name} is captured with SGLang's memory saver off: the KV cache, most of the GPU, goes into the snapshot and comes back with every restore{vain}.",
        f"Add {_spelled(event, SAVER)} and {_spelled(event, BACKUP)}; {_call(event, 'release')} after the warm-up and {_call(event, 'resume')} in @modal.enter(snap=False).",
        confidence=questions.confidence(deployment, event),
        related=tuple((release.site, "released here, without effect") for release in surely[:1]),
        event=event,
        subject=SAVER if _given(event, BACKUP) else f"{SAVER} {BACKUP}",
    )


def _garbage(deployment: Deployment, event: Event, release: Event) -> Hazard:
    return Hazard(
        event.site,
        f"{deployment.name} releases SGLang's weights before the snapshot and keeps no copy of them: after the resume they are garbage, and so are the answers.",
        f"Add {_spelled(event, BACKUP)} (SGLang 0.5.3 or later).",
        severity=Severity.ERROR,
        confidence=questions.confidence(deployment, event, release),
        related=((release.site, "the weights are dropped here"),),
        event=event,
        subject=BACKUP,
    )


def _spelled(event: Event, option: str) -> str:
    return option if event.launch is not None else f"{_keyword(option)}=True"


def _call(event: Event, verb: str) -> str:
    return f"POST /{verb}_memory_occupation" if event.launch is not None else f"call engine.{verb}_memory_occupation()"


def _keyword(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _given(event: Event, option: str) -> bool | None:
    """Whether a switch is on; None when a configuration file or unknown arguments may say so."""
    if event.launch is not None:
        present = flag(event.launch, option).present
        return None if present is False and role(event.launch, "config").present is not False else present
    value = event.arguments.get(_keyword(option))
    if value is None:
        return None if event.arguments.get("server_args") is not None else False
    known = constant(value)
    return known if isinstance(known, bool) else None


def _may_release(deployment: Deployment) -> bool:
    """Whether code or a request that could not be read may be the release."""
    unknown = any(event.request is not None and event.request.path is None for event in deployment.find(model.HTTP, phases=(model.BEFORE,)))
    return unknown or questions.may_do(deployment, model.SLEEP, model.BEFORE)


def _reloads(deployment: Deployment) -> bool:
    after = list(deployment.during(model.AFTER))
    paths = [event.request.path or "" for event in after if event.request is not None]
    named = any(path.strip("/") in RELOADS for path in paths) or any(event.name.rpartition(".")[2] in RELOADS for event in after)
    return named or any("reload" in event.name.lower() or "weights" in event.name.lower() for event in after if event.kind == model.OPAQUE)


def _drops_weights(release: Event) -> bool:
    """Whether the release surely covers the weights: without tags it covers everything."""
    body = (
        _plain(release.request.body)
        if release.request is not None
        else Mapping({"tags": tags} if (tags := release.arguments.get("tags", 0)) is not None else {})
    )
    if body is None or (isinstance(body, Const) and body.value in (None, "", b"", "{}", b"{}")):
        return True
    if not isinstance(body, Mapping) or body.open:
        return False
    tags = body.entries.get("tags")
    if tags is None or constant(tags) is None:
        return True
    if not isinstance(tags, Sequence):
        return False
    return any(not isinstance(item, Spread) and constant(item) == "weights" for item in tags.items)


def _plain(body: Value | None) -> Value | None:
    """See through `json.dumps(body).encode()`."""
    for _ in range(4):
        if not isinstance(body, Made):
            break
        body = body.arguments.positional[0] if body.name == "json.dumps" and body.arguments.positional else body.base
    return body
