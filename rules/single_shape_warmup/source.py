"""Warm-ups that exercise a single size of a text model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import brings_up, confidence, engine_of, may_do
from snapdoctor.app.values import Mapping, Sequence, Value, constant, sketch
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard when a language model's only warm-up is one request, or several of one known size."""
    if deployment.snapshot != "gpu" or not deployment.resolved:
        return
    engines = [engine_of(event) for event in brings_up(deployment, model.IMPORT, model.BEFORE)]
    if not any(engine is not None and engine.language for engine in engines):
        return
    runs = [
        event
        for event in deployment.during(model.BEFORE)
        if event.kind == model.INFERENCE or (event.kind == model.HTTP and event.purpose == model.WARMUP)
    ]
    if not runs or may_do(deployment, model.WARMUP, model.BEFORE) or any(event.loop and len(runs) == 1 for event in runs):
        return
    sizes = [_size(event) for event in runs]
    if None in sizes or len(set(sizes)) > 1:
        return
    yield Hazard(
        runs[0].site,
        f"{deployment.name} warms up with one input size only; prompts of other lengths use other kernels, which are then compiled or loaded after each restore.",
        "Send prompts of several lengths, for example 8, 128 and 1024 words.",
        confidence=confidence(deployment, runs[0]),
    )


def _size(event: Event) -> int | None:
    """Length of the known text of a request; None when any of it is unknown."""
    if event.request is not None:
        return _length(event.request.body)
    return _length(event.arguments.positional[0]) if event.arguments.positional else None


def _length(value: Value | None) -> int | None:
    if value is None:
        return None
    drawn = sketch(value)
    if drawn is not None:
        return None if "\0" in drawn else len(drawn)
    if isinstance(value, Mapping):
        wanted = [entry for key, entry in value.entries.items() if key in ("prompt", "messages", "text", "input", "content", "inputs")]
        return _length(wanted[0]) if len(wanted) == 1 else None
    if isinstance(value, Sequence):
        lengths = [_length(item) for item in value.items if isinstance(item, (Mapping, Sequence)) or sketch(item) is not None]  # type: ignore[arg-type]
        return None if None in lengths or not lengths or len(lengths) < len(value.items) else sum(length or 0 for length in lengths)
    known = constant(value)
    return len(known) if isinstance(known, str) else None
