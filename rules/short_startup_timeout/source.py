"""Startup limits that a model load before the capture will exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import brings_up, confidence, title
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Setting

SERVER_DEFAULT = 30
ENOUGH = 120


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard when the limit on startup is shorter than a usual first start with a model load before the capture."""
    if deployment.snapshot != "gpu" or deployment.kind == "mixin":
        return
    first = next(brings_up(deployment, model.IMPORT, model.BEFORE), None)
    if first is None:
        return
    limit, setting = _limit(deployment)
    if limit is None or limit >= ENOUGH:
        return
    given = "by default" if setting is None else "here"
    yield Hazard(
        setting.site if setting is not None and setting.site is not None else deployment.site,
        f"{deployment.name} has {limit:g} s to start ({given}), and the first start after a deploy brings up {title(first)} and makes the snapshot, which usually takes 60-190 s.",
        "Set startup_timeout=600 or more on the decorator.",
        confidence=Confidence.LIKELY if setting is not None and setting.likely else confidence(deployment, first),
        related=((first.site, "brought up here"),),
    )


def _limit(deployment: Deployment) -> tuple[float | None, Setting | None]:
    """Seconds for startup, and the option that sets it; (None, None) when unknown or long by default."""
    own = deployment.option("startup_timeout")
    if own.given is not False:
        return (float(own.value), own) if own.given and isinstance(own.value, (int, float)) else (None, None)
    if deployment.kind == "server":
        return SERVER_DEFAULT, None
    general = deployment.option("timeout")
    if general.given is True and isinstance(general.value, (int, float)):
        return float(general.value), general
    return None, None
