"""Find GPU services whose weights are kept nowhere between two containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.values import Unknown
from snapdoctor.app.weights import fetched, is_cached, may_be_baked
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Site
    from snapdoctor.app.weights import Download


def check(deployment: Deployment) -> Iterator[Hazard]:
    """A serving GPU deployment that names a hub model, without Volume and without baked weights."""
    if deployment.gpu is None or not deployment.serves or not deployment.resolved:
        return
    lost = [download for download in fetched(deployment) if is_cached(deployment, download) is False]
    if not lost or may_be_baked(deployment.image):
        return
    captured = deployment.snapshot in ("cpu", "gpu") and all(_before(download) for download in lost)
    related: list[tuple[Site, str]] = [(download.site, f"{download.model} is asked for here") for download in lost]
    mounts = deployment.volumes()
    yield Hazard(
        deployment.site,
        _message(deployment, lost, captured),
        "Mount a Volume at the cache: "
        'volumes={"/root/.cache/huggingface": modal.Volume.from_name("huggingface-cache", create_if_missing=True)}; '
        "weights under about 15 GB may be downloaded in an image step instead.",
        confidence=Confidence.LIKELY if mounts or isinstance(deployment.gpu, Unknown) else Confidence.CERTAIN,
        related=tuple(related),
    )


def _before(download: Download) -> bool:
    return download.event is not None and download.event.phase in (model.IMPORT, model.BEFORE)


def _message(deployment: Deployment, lost: list[Download], captured: bool) -> str:
    names = list(dict.fromkeys(download.model for download in lost))
    said = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    nowhere = "no Volume is mounted where the download lands and no image step fetches it."
    if captured:
        return (
            f"{deployment.name} downloads {said} before the snapshot, and {nowhere}: every capture, and every start without one, downloads "
            "it again, and the files on the container's disk become part of the snapshot, which makes it larger and slower to restore."
        )
    return f"{deployment.name} downloads {said} from the hub at every cold start: {nowhere}"
