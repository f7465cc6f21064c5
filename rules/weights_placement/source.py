"""Find weights that are too many for the image, or few enough for it and fetched at every start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app import model
from snapdoctor.app.weights import baked, fetched, is_cached, may_be_baked
from snapdoctor.engines.model_size import estimate
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment
    from snapdoctor.app.weights import Download

# GB, from the cold-start report: baking helps up to 15 to 20, harms above 25.
TOO_MUCH = 25.0
SMALL = 15.0
WEIGHTS = re.compile(r"\.(gguf|safetensors|bin|pt|pth|ckpt|onnx|nemo)\b|[*?]|q\d", re.IGNORECASE)


class Part(NamedTuple):
    """A download and its estimated size in GB."""

    download: Download
    gigabytes: float


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Both ends: the sum of what the image holds, and each small model fetched at a start."""
    yield from _too_much(deployment)
    if deployment.serves and deployment.resolved and not may_be_baked(deployment.image):
        yield from _too_little(deployment)


def _too_much(deployment: Deployment) -> Iterator[Hazard]:
    parts = _sized(baked(deployment.image))
    total = sum(part.gigabytes for part in parts)
    if total <= TOO_MUCH:
        return
    listed = ", ".join(f"{_label(part.download)} about {part.gigabytes:.0f} GB" for part in parts if part.gigabytes >= 1)
    largest = max(parts, key=lambda part: part.gigabytes)
    yield Hazard(
        largest.download.site,
        f"The image of {deployment.name} holds about {total:.0f} GB of weights (estimated from the names: {listed}): every new worker pulls them before "
        "it can restore anything, and every rebuild of these steps downloads them again.",
        "Put them on a Volume: download in a function with volumes={...} and .commit(), or give this build step volumes={...}.",
        confidence=Confidence.LIKELY,
        related=tuple(
            (part.download.site, f"{_label(part.download)}, about {part.gigabytes:.0f} GB") for part in parts if part is not largest
        ),
    )


def _too_little(deployment: Deployment) -> Iterator[Hazard]:
    for part in _sized(fetched(deployment)):
        if part.gigabytes >= SMALL or is_cached(deployment, part.download) is not False or _is_captured(deployment, part.download):
            continue
        yield Hazard(
            part.download.site,
            f"{deployment.name} downloads {_label(part.download)}, about {_rounded(part.gigabytes)} GB (estimated from the name), in every new container: "
            "small enough to lie in the image.",
            "Download it in an image step (.run_function or .run_commands), or mount a Volume at the hub's cache.",
            confidence=Confidence.LIKELY,
        )


def _is_captured(deployment: Deployment, download: Download) -> bool:
    """Whether a snapshot already spares later containers the download, or may."""
    before = download.event is not None and download.event.phase in (model.IMPORT, model.BEFORE)
    return before and deployment.snapshot != "none"


def _sized(downloads: list[Download]) -> list[Part]:
    found = []
    for download in downloads:
        size = _size(download)
        if size is not None:
            found.append(Part(download, size))
    return found


def _size(download: Download) -> float | None:
    """Of one file by its name or the repository's; of a repository of many quantisations nothing can be said."""
    if download.file is not None:
        if not WEIGHTS.search(download.file):
            return None
        size = estimate(download.file) or estimate(f"{download.model}-{download.file.replace('/', '-')}")
        return size.gigabytes if size is not None else None
    if "gguf" in download.model.lower():
        return None
    size = estimate(download.model)
    return size.gigabytes if size is not None else None


def _label(download: Download) -> str:
    return download.model if download.file is None else f"{download.model} {download.file}"


def _rounded(gigabytes: float) -> str:
    return f"{gigabytes:.0f}" if gigabytes >= 3 else f"{gigabytes:.1f}"
