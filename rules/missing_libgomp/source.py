"""Find llama.cpp on images that surely lack libgomp1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app.recipe import base_site, commands, is_settled, requirements
from snapdoctor.app.values import is_likely
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Image, Site

# Bases without gcc. Modal's debian_slim is not among them: its gcc brings libgomp1. Nor are CUDA devel images and the full python:3.x.
BARE = re.compile(
    r"^(?:docker\.io/)?(?:nvidia/cuda:[^\0]*-(?:runtime|base)\b.*|(?:library/)?python:[^\0]*slim[^\0]*|(?:library/)?(?:ubuntu|debian)(?::[^\0]*)?"
    r"|ghcr\.io/astral-sh/uv:[^\0]*slim[^\0]*)$"
)
# Packages that surely do not bring libgomp1 with them (dependencies looked up in Debian 12); any other may.
UNRELATED = re.compile(
    r"git|git-lfs|curl|wget|ca-certificates|procps|vim|nano|htop|jq|aria2|unzip|zip|zstd|xz-utils|pigz|less|lsof|tini|tmux|rsync|sudo|gnupg|pciutils"
    r"|net-tools|openssh-(client|server)|python3?(\.\d+)?(-(dev|pip|venv|distutils))?|libgl1(-mesa-glx)?|libglib2\.0-0|libsm6|libxext6|libxrender1"
    r"|libsndfile1|libcurl4(-openssl-dev)?|libssl-dev|libaio1|libaio-dev|libnuma1|libibverbs1|software-properties-common|pkg-config|ninja-build|cmake|make"
    r"|ccache|poppler-utils|espeak-ng|nodejs|npm|locales|tzdata|bash|apt-utils|apt-transport-https|lsb-release"
)
RELEASE = re.compile(r"llama-[\w.${}\0-]*-bin-ubuntu|ggml-org/llama\.cpp/releases|ggerganov/llama\.cpp/releases")
# Commands that may bring anything along.
UNREADABLE = re.compile(r"\.sh\b|\bconda\b|\bmamba\b|\bbrew\b|libgomp|\bdpkg\b|\bmake\b|\./|\.deb\b")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """llama-cpp-python or a llama.cpp release on a bare base."""
    image = deployment.image
    tag, base = image.tag, image.base
    if tag is None or base is None or not BARE.match(tag) or not is_settled(image):
        return
    if any(not UNRELATED.fullmatch(package) for package in image.apt()):
        return
    if any(UNREADABLE.search(command) for command, _ in commands(image)):
        return
    found = _llama(image)
    if found is None:
        return
    site, what = found
    yield Hazard(
        site,
        f'{what} needs libgomp.so.1, which "{tag}" does not have: {deployment.name} stops with "libgomp.so.1: cannot open shared object '
        'file" before there is anything to snapshot.',
        'Add .apt_install("libgomp1") to the image.',
        confidence=Confidence.LIKELY if is_likely(base.arguments.get("tag", 0)) else Confidence.CERTAIN,
        related=((base_site(base), "the base image"),),
    )


def _llama(image: Image) -> tuple[Site, str] | None:
    for requirement in requirements(image):
        if requirement.name == "llama-cpp-python":
            return requirement.site, "llama-cpp-python"
    for command, site in commands(image):
        if RELEASE.search(command):
            return site, "llama-server"
    if any(name == "llama-cpp-python" for name, _ in image.packages()) and image.base is not None:
        return base_site(image.base), "llama-cpp-python"
    return None
