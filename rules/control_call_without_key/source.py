"""Control calls without the server's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_of, engine_starts, title
from snapdoctor.engines.command import role
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

STEPS = (model.SLEEP, model.WAKE, model.RELEASE, model.RESUME)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each control call without headers to an engine started with an API key (vLLM guards only /v1)."""
    keyed = next(
        (event for event in engine_starts(deployment, model.BEFORE) if _demands_key(event)),
        None,
    )
    if keyed is None or deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in deployment.find(model.HTTP, phases=(model.BEFORE, model.AFTER)):
        request = event.request
        if (
            event.purpose in STEPS
            and request is not None
            and request.headers is None
            and not event.arguments.open
            and event.name.startswith(("requests.post", "requests.get", "httpx.post", "httpx.get"))
        ):
            yield Hazard(
                event.site,
                f"{title(keyed)} is started with an API key, but the {event.purpose} call of {deployment.name} sends none and is refused (401).",
                'Send headers={"Authorization": f"Bearer {KEY}"} with the call.',
                confidence=confidence(deployment, event),
                related=((keyed.site, "the key is demanded here"),),
            )


def _demands_key(event: Event) -> bool:
    engine = engine_of(event)
    return engine is not None and engine.guards_controls and event.launch is not None and role(event.launch, "key").present is True
