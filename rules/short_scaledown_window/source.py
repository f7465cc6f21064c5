"""Find serving GPU deployments that never say how long an idle container stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.model import Gpu
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

DEFAULT, LONGER = 60, 300
PRICE_DATE = "2026-08-19"
# List price of one GPU in USD a second (modal.com/pricing on PRICE_DATE); region surcharges, CPU and memory come on top.
PRICES = {
    "T4": 0.000164,
    "L4": 0.000222,
    "A10": 0.000306,
    "A10G": 0.000306,
    "L40S": 0.000542,
    "A100": 0.000583,
    "A100-40GB": 0.000583,
    "A100-80GB": 0.000694,
    "RTX-PRO-6000": 0.000842,
    "H100": 0.001097,
    "H200": 0.001261,
    "B200": 0.001736,
    "B300": 0.001972,
}
# Words that settle the question, the retired spellings included: SNAP108 speaks of those.
WINDOWS = ("scaledown_window", "container_idle_timeout")
FLOORS = ("min_containers", "keep_warm")
ONE_SHOT = ("single_use_containers", "max_inputs")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """GPU deployments with an endpoint or methods, no window, no floor, and more than one input to a container."""
    gpu = deployment.gpu
    if not isinstance(gpu, Gpu) or not deployment.serves or deployment.kind == "mixin":
        return
    if any(deployment.option(word).given is not False for word in WINDOWS):
        return
    if any(not deployment.option(word).is_false() for word in (*FLOORS, *ONE_SHOT)):
        return
    yield Hazard(
        deployment.site,
        f"{deployment.name} leaves scaledown_window at its default: after {DEFAULT} s without a request the container and its GPU are gone, "
        f"and whoever calls next waits for {_start(deployment)}.",
        _help(gpu),
        confidence=Confidence.LIKELY if gpu.likely else Confidence.CERTAIN,
    )


def _start(deployment: Deployment) -> str:
    return {"gpu": "a restore", "cpu": "a restore and the way back to the GPU", "none": "a whole cold start"}.get(
        deployment.snapshot or "", "a new start"
    )


def _help(gpu: Gpu) -> str:
    price = PRICES.get(gpu.types[0].rstrip("!+"))
    if price is None or gpu.count is None:
        return f"Say what you want: scaledown_window={LONGER} if requests come minutes apart, scaledown_window={DEFAULT} to keep the minute on purpose."
    name = gpu.types[0] if gpu.count == 1 else f"{gpu.count} x {gpu.types[0]}"
    longer, short = price * gpu.count * LONGER, price * gpu.count * DEFAULT
    return (
        f"Say what you want: scaledown_window={LONGER} if requests come minutes apart (each idle spell then costs up to ${longer:.2f} for {name}, "
        f"against ${short:.2f}; list prices of {PRICE_DATE}), or scaledown_window={DEFAULT} to keep the minute on purpose."
    )
