"""Which version of an engine an image recipe brings: pip pins, image tags, git checkouts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.engines.registry import BY_NAME
from snapdoctor.engines.version import Installed, Version

if TYPE_CHECKING:
    from snapdoctor.app.model import Image
    from snapdoctor.engines.engine import Engine

BRANCH = re.compile(r"(?:--branch[= ]|-b[= ]?|checkout\s+(?:tags/)?|--revision[= ])\s*[\"']?(v?\d[\w.]*|b\d{4,6})\b")


def installed(image: Image, name: str) -> Installed:
    """The engine's version in this image: an `==` pin, a checkout of its source, or the base image's tag."""
    engine = BY_NAME[name]
    pinned = image.version(engine.package) if engine.package is not None else None
    if pinned is None:
        pinned = _checked_out(image, engine)
    return Installed(pinned) if pinned is not None else _of_tag(image.tag or "", engine)


def _of_tag(tag: str, engine: Engine) -> Installed:
    for pattern in engine.images:
        match = re.search(pattern, tag)
        if match is not None and "\0" not in tag:
            version = Version.parse(match[1]) if match[1] else None
            return Installed(version, None if version is not None else tag)
    return Installed(None)


def _checked_out(image: Image, engine: Engine) -> Version | None:
    """`git clone -b b9999 .../llama.cpp`, `git checkout v0.5.6`, `pip install git+https://...@v0.5.6`, in commands that name its source."""
    found: Version | None = None
    named = False
    for command, _ in image.commands():
        here = any(repository.lower() in command.lower() for repository in engine.repositories)
        named = named or here or any(repository.rpartition("/")[2] in command for repository in engine.repositories)
        if not named:
            continue
        match = BRANCH.search(command)
        if match is not None and (here or "checkout" in command):
            found = Version.parse(match[1])
    for requested in _git_requirements(image):
        for repository in engine.repositories:
            match = re.search(re.escape(repository) + r"(?:\.git)?@(v?\d[\w.]*|b\d{4,6})", requested, re.IGNORECASE)
            if match is not None:
                found = Version.parse(match[1])
    return found


def _git_requirements(image: Image) -> list[str]:
    from snapdoctor.app.recipe import requirements

    return [one.text for one in requirements(image) if "git+" in one.text]
