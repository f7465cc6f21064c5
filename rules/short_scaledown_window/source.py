"""Serving GPU deployments without a scaledown window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.model import Gpu
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

# USD for one second of one GPU, list prices as transcribed on 2026-08-19.
PRICES = {
    "T4": 0.000164, "L4": 0.000222, "A10": 0.000306, "A10G": 0.000306, "L40S": 0.000542, "A100": 0.000583, "A100-40GB": 0.000583,
    "A100-80GB": 0.000694, "RTX-PRO-6000": 0.000842, "H100": 0.001097, "H100!": 0.001097, "H200": 0.001261, "B200": 0.001736, "B300": 0.001972,
}  # fmt: skip
PRICED_ON = "2026-08-19"
WINDOW = 300


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for a serving GPU deployment that leaves the window at its default."""
    if not isinstance(deployment.gpu, Gpu) or not deployment.serves or deployment.kind == "mixin":
        return
    if any(deployment.option(name).given is not False for name in ("scaledown_window", "container_idle_timeout", "single_use_containers")):
        return
    floor = deployment.option("min_containers")
    if floor.given is not False and (not floor.known or floor.value):
        return
    if deployment.option("keep_warm").given is not False:
        return
    yield Hazard(
        deployment.site,
        f"{deployment.name} sets no scaledown_window, so its container ends after 60 s without a request and the next request pays a cold start.",
        f"Set scaledown_window={WINDOW}.{_cost(deployment.gpu)}",
    )


def _cost(gpu: Gpu) -> str:
    price = PRICES.get(gpu.types[0]) if len(gpu.types) == 1 else None
    if price is None or gpu.count is None:
        return ""
    return f" Four more idle minutes after the last request cost about ${price * gpu.count * (WINDOW - 60):.2f} on {gpu.types[0]}{f' x{gpu.count}' if gpu.count > 1 else ''} (GPU list price of {PRICED_ON})."
