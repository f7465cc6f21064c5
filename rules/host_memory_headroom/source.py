"""Find memory limits that cannot hold the model at the moment of the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app import model, questions
from snapdoctor.app.values import Reference, Sequence, Spread, constant
from snapdoctor.app.weights import served_model
from snapdoctor.engines.command import flag
from snapdoctor.engines.model_size import estimate
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

BEFORE = (model.IMPORT, model.BEFORE)
MIB = 1024 * 1024
# A Python process with torch and a CUDA context, as it is when its device memory has been copied into it: measured 1570 MB with 32 MiB of tensors.
PROCESS_MIB = 1536
# Names give parameters in round numbers; below this share of the estimate the limit is too small whatever the rounding.
SURE = 0.9
QUANTISED = ("quantization_config", "load_in_4bit", "load_in_8bit", "quantization", "load_format")
WIDE = ("torch.float32", "torch.float", "float32")


class Held(NamedTuple):
    """A model that is in GPU memory, or in a host copy of it, at the capture."""

    event: Event
    name: str
    gigabytes: float
    basis: str


def check(deployment: Deployment) -> Iterator[Hazard]:
    """A hard limit that the models known by name outgrow."""
    limit = _limit(deployment)
    if deployment.snapshot != "gpu" or limit is None:
        return
    held = {
        one.name: one
        for event in questions.brings_up(deployment, *BEFORE)
        if not event.conditional and (one := _held(deployment, event)) is not None
    }
    gigabytes = sum(one.gigabytes for one in held.values())
    if not held or limit >= gigabytes * SURE * 1e9 / MIB + PROCESS_MIB:
        return
    need = gigabytes * 1e9 / MIB + PROCESS_MIB
    setting = deployment.option("memory")
    yield Hazard(
        setting.site or deployment.site,
        f"At the capture the GPU's contents are copied into host memory, and {deployment.name} may use {limit:,} MiB of it. {_told(list(held.values()))} "
        f"and the process need about {need:,.0f} MiB, KV cache not counted: the container is killed and no snapshot is made.",
        f"Raise the limit above {-(-int(need) // 1024) * 1024} MiB, or give the request alone, which is no limit: memory=...",
        confidence=Confidence.LIKELY,
        related=tuple((one.event.site, f"{one.name}: about {one.gigabytes:.0f} GB") for one in held.values()),
    )


def _told(held: list[Held]) -> str:
    return " and ".join(f"{one.name} (about {one.gigabytes:.3g} GB, estimated from {one.basis})" for one in held)


def _limit(deployment: Deployment) -> int | None:
    """The second number of `memory=(request, limit)` in MiB; a single number is a request."""
    raw = deployment.option("memory").raw
    if not isinstance(raw, Sequence) or len(raw.items) != 2 or isinstance(raw.items[1], Spread):
        return None
    known = constant(raw.items[1])
    return known if isinstance(known, int) and known > 0 else None


def _held(deployment: Deployment, event: Event) -> Held | None:
    name = _name(event)
    size = estimate(name) if name is not None and "\0" not in name else None
    if name is None or size is None or not _on_gpu(deployment, event) or _is_quantised(event):
        return None
    factor = 2 if event.load is not None and "16 bits" in size.basis and _is_wide(event) else 1
    return Held(event, name, size.gigabytes * factor, size.basis)


def _name(event: Event) -> str | None:
    if event.load is not None:
        file = event.load.arguments.get("filename")
        known = constant(file)
        return known if isinstance(known, str) else event.load.model
    if event.launch is None or event.launch.waits:
        return None
    if event.launch.engine == "llama-server":
        local = flag(event.launch, "-m", "--model").value
        return local.rpartition("/")[2] if local is not None else served_model(event.launch)
    return served_model(event.launch)


def _on_gpu(deployment: Deployment, event: Event) -> bool:
    if event.kind == model.PROCESS:
        return True
    moved = any(other.load is event.load and other.device in ("cuda", "auto") for other in deployment.find(model.MOVE, phases=BEFORE))
    return moved or questions.wants_gpu(event) is True


def _is_quantised(event: Event) -> bool:
    """Whether arguments shrink the weights below what the name says, or may."""
    if event.launch is not None:
        return any(flag(event.launch, f"--{word}", "-q").present is not False for word in ("quantization", "load-format"))
    return any(event.arguments.get(word) is not None for word in QUANTISED)


def _is_wide(event: Event) -> bool:
    for word in ("dtype", "torch_dtype"):
        value = event.arguments.get(word)
        if (isinstance(value, Reference) and value.name in WIDE) or constant(value) in WIDE:
            return True
    return False
