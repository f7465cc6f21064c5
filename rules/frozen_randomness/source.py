"""Find generators seeded, and ids drawn and kept, before the capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

SEEDS = re.compile(
    r"random\.(seed|setstate)|numpy\.random\.(seed|set_state)|torch\.(cuda\.)?manual_seed(_all)?|torch\.(set_rng_state|seed)"
    r"|(transformers|transformers\.trainer_utils|accelerate\.utils)\.set_seed"
    r"|(pytorch_lightning|lightning|lightning\.pytorch)\.seed_everything"
    r"|tensorflow\.random\.set_seed"
)
IDS = re.compile(r"uuid\.uuid[14]|secrets\.\w+|os\.urandom|random\.(?!seed$|setstate$|Random$|SystemRandom$)\w+")
# Drawn from the operating system each time, whatever was seeded.
FRESH = re.compile(r"uuid\.|secrets\.|os\.urandom|random\.SystemRandom")
GENERATORS = re.compile(r"random\.Random|numpy\.random\.(default_rng|RandomState|Generator)|torch\.Generator")
# A value that is meant to tell one snapshot, build or deployment from another.
ON_PURPOSE = re.compile(r"snap|captur|build|deploy|version|image|boot", re.IGNORECASE)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Seeds whose generator is used after the capture, and stored draws."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    confidence = Confidence.LIKELY if deployment.snapshot_likely else Confidence.CERTAIN
    seeded = [event for event in _before(deployment) if SEEDS.fullmatch(event.name) and _is_drawn_from_after(deployment, event)]
    if seeded:
        yield Hazard(
            seeded[0].site,
            f"{seeded[0].name}() runs {_when(seeded[0])}, before the snapshot of {deployment.name}: the generator's state is captured, "
            "so every restored container draws the same numbers in the same order.",
            "Seed again after the restore, in @modal.enter(snap=False), for example with torch.seed() or random.seed(), or pass a generator "
            "with each request.",
            confidence=confidence,
            related=tuple((event.site, f"so does {event.name}()") for event in seeded[1:]),
        )
    for event in _before(deployment):
        if event.kept is not None and event.used_after and not ON_PURPOSE.search(event.kept) and not _is_drawn_again(deployment, event):
            yield from _stored(deployment, event, confidence)


def _stored(deployment: Deployment, event: Event, confidence: Confidence) -> Iterator[Hazard]:
    before = f"{_when(event)}, before the snapshot of {deployment.name}"
    if GENERATORS.fullmatch(event.name):
        what = f"{event.kept} is a generator made {before}: it starts at the same point in every restored container."
    elif IDS.fullmatch(event.name):
        what = f"{event.kept} is drawn {before}, and used after it: it is the same in every restored container."
    else:
        return
    place = "inside the function" if deployment.kind == "function" else "in @modal.enter(snap=False) or at the first request"
    yield Hazard(event.site, what, f"Make {event.kept} {place}.", confidence=confidence)


def _before(deployment: Deployment) -> list[Event]:
    return [event for event in deployment.find(model.RANDOM, model.CALL, phases=(model.IMPORT, model.BEFORE)) if not event.conditional]


def _when(event: Event) -> str:
    return "at import" if event.phase == model.IMPORT else f"in {event.hook}()"


def _family(name: str) -> str:
    first = name.partition(".")[0]
    return first if first in ("random", "numpy", "tensorflow") else "torch"


def _is_drawn_from_after(deployment: Deployment, event: Event) -> bool:
    """Whether something after the capture uses the seeded generator, and nothing seeds it again."""
    family = _family(event.name)
    later = list(deployment.during(model.AFTER, model.REQUEST))
    if any(_seeds_again(other, family) for other in later):
        return False
    if any(other.kind == model.RANDOM and _family(other.name) == family and not FRESH.match(other.name) for other in later):
        return True
    return family == "torch" and any(_samples(other) for other in later)


def _samples(event: Event) -> bool:
    engine = questions.engine_of(event)
    return event.kind == model.INFERENCE and engine is not None and engine.samples


def _seeds_again(event: Event, family: str) -> bool:
    if event.kind == model.OPAQUE:
        return re.search(r"seed|random|rng", event.name, re.IGNORECASE) is not None
    if "generator" in event.arguments.keywords or "seed" in event.arguments.keywords:
        return True
    seeding = SEEDS.fullmatch(event.name) is not None or GENERATORS.fullmatch(event.name) is not None or event.name.endswith(".manual_seed")
    return seeding and (_family(event.name) == family or event.name.endswith(("set_seed", "seed_everything")))


def _is_drawn_again(deployment: Deployment, event: Event) -> bool:
    return any(other.name == event.name for other in deployment.during(model.AFTER))
