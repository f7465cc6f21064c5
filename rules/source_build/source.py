"""Find llama-cpp-python and flash-attn built from source where a wheel would do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app.recipe import cuda_base, is_settled, python_version, requirements
from snapdoctor.app.values import is_likely
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Image
    from snapdoctor.app.recipe import Requirement

WHEELS = "https://abetlen.github.io/llama-cpp-python/whl/"
# CUDA versions with a wheel index, and Python versions the project names for its CUDA wheels.
INDEXES = {
    (11, 8): "cu118", (12, 1): "cu121", (12, 2): "cu122", (12, 3): "cu123", (12, 4): "cu124", (12, 5): "cu125",
    (13, 0): "cu130", (13, 2): "cu132",
}  # fmt: skip
PYTHONS = ("3.10", "3.11", "3.12")
CUDA_SWITCH = re.compile(r"-D\s*(GGML_CUDA|LLAMA_CUDA|LLAMA_CUBLAS|GGML_CUBLAS)\s*=\s*(on|1|true|yes)", re.IGNORECASE)
# Switches that a prebuilt wheel answers as well; any other asks for a build of one's own.
ORDINARY = re.compile(
    r"-D\s*(GGML_CUDA|LLAMA_CUDA|LLAMA_CUBLAS|GGML_CUBLAS|CMAKE_CUDA_ARCHITECTURES|CMAKE_BUILD_TYPE|CMAKE_CUDA_COMPILER)\s*=\s*\S+",
    re.IGNORECASE,
)
PREBUILT = ("://", "--find-links", "--only-binary", "-f ")
FLASH = "https://github.com/Dao-AILab/flash-attention/releases"


class Flags(NamedTuple):
    """What CMAKE_ARGS asks for."""

    cuda: bool
    ordinary: bool
    """Nothing in it needs a build of one's own."""


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Requirements that pip can only satisfy by compiling."""
    image = deployment.image
    if not is_settled(image):
        return
    for requirement in requirements(image):
        if requirement.name == "llama-cpp-python":
            yield from _llama(image, requirement)
        elif requirement.name in ("flash-attn", "flash-attention"):
            yield from _flash(image, requirement)


def _llama(image: Image, requirement: Requirement) -> Iterator[Hazard]:
    if "://" in requirement.text or any(mark in requirement.options for mark in PREBUILT) or "--no-binary" in requirement.options:
        return
    flags = _flags(image, requirement)
    if flags is None or not flags.ordinary or _index_in_environment(image):
        return
    index = _index(image, flags)
    if index is None:
        return
    kind = "CUDA" if index != "cpu" else "CPU"
    purpose = "" if index != "cpu" else ", and without CMAKE_ARGS it is compiled for the CPU alone"
    base = image.base
    likely = base is not None and is_likely(base.arguments.get("tag", 0))
    yield Hazard(
        requirement.site,
        f"PyPI has llama-cpp-python as source only, so this step compiles it for many minutes at every rebuild{purpose}; a prebuilt {kind} "
        "wheel exists.",
        f'Install with extra_index_url="{WHEELS}{index}" and pin a version that the index lists (one it lacks is compiled all the same).'
        + ("; then the runtime base and libgomp1 are enough." if index != "cpu" else ""),
        confidence=Confidence.LIKELY if likely else Confidence.CERTAIN,
    )


def _flags(image: Image, requirement: Requirement) -> Flags | None:
    """CMAKE_ARGS as this installation sees it; None when it cannot be known."""
    if "\0" in requirement.options:
        return None
    setting = image.environment("CMAKE_ARGS")
    if setting.given is None or not setting.known:
        return None
    own = "CMAKE_ARGS" in requirement.options or "cmake.args" in requirement.options
    written = requirement.options if own else str(setting.value or "")
    bare = written.replace("CMAKE_ARGS=", "").replace("cmake.args=", "")
    switches = [word for word in re.split(r"[\s;\"']+", bare) if word.startswith("-D")]
    return Flags(bool(CUDA_SWITCH.search(written)), all(ORDINARY.fullmatch(word) for word in switches))


def _index(image: Image, flags: Flags) -> str | None:
    """The wheel index that answers this build; None when there is none for its CUDA or Python."""
    if not flags.cuda:
        return "cpu"
    base, python = cuda_base(image), python_version(image)
    if base is None or base.version is None or (python is not None and ".".join(python.split(".")[:2]) not in PYTHONS):
        return None
    return INDEXES.get(base.version)


def _index_in_environment(image: Image) -> bool:
    names = ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX", "PIP_FIND_LINKS")
    return any(image.environment(name).given is not False for name in names)


def _flash(image: Image, requirement: Requirement) -> Iterator[Hazard]:
    """flash-attn's own installation fetches a prebuilt wheel, also from the source package; only this switch makes it compile for sure."""
    forced = image.environment("FLASH_ATTENTION_FORCE_BUILD")
    if "FLASH_ATTENTION_FORCE_BUILD=TRUE" not in requirement.options.upper() and str(forced.value).upper() != "TRUE":
        return
    yield Hazard(
        requirement.site,
        "FLASH_ATTENTION_FORCE_BUILD makes this step compile flash-attn, which takes a devel base and many minutes at every rebuild; "
        "without it the installation fetches the prebuilt wheel for your torch, CUDA and Python where there is one.",
        f"Remove FLASH_ATTENTION_FORCE_BUILD, or install the wheel itself from {FLASH}.",
    )
