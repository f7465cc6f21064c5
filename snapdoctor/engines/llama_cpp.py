"""llama.cpp: which flags govern memory mapping in which build, and what is mapped (facts: llama.cpp common/arg.cpp, PR #20834, #28334)."""

from __future__ import annotations

import re

from snapdoctor.engines.engine import Version

# `--load-mode` came in July 2026; `--no-mmap` and its kin were removed in September 2026 (b10884, release 0.4.1).
REMOVED_BUILD = 10884
REMOVED_RELEASE = (0, 4, 1)
INTRODUCED_BUILD = 10000
REMOVED_FLAGS = ("--no-mmap", "--mmap", "--mlock", "--direct-io", "--no-direct-io")
DEAD_VARIABLES = ("LLAMA_ARG_NO_MMAP", "LLAMA_ARG_MMAP")
UNMAPPED_MODES = ("none", "dio", "mlock")
IMAGE = re.compile(r"(?:ggml-org|ggerganov)/llama\.cpp:(?P<tag>[\w.-]+)")
BUILD = re.compile(r"\bb(\d{4,6})\b")


def version_of(tag: str | None, commands: tuple[str, ...]) -> Version | None:
    """The llama.cpp build an image tag (`server-cuda-b11000`) or a `git checkout b9999` pins; None when nothing pins it."""
    if tag is not None:
        match = IMAGE.search(tag)
        build = BUILD.search(match["tag"].replace("-", " ")) if match is not None else None
        if build is not None:
            return Version.parse(f"b{build[1]}")
    for command in commands:
        if "llama" in command:
            build = BUILD.search(command)
            if build is not None:
                return Version.parse(f"b{build[1]}")
    return None


def floats(tag: str | None) -> bool:
    """Whether the image is an official one whose tag moves with every build (`server-cuda`)."""
    match = IMAGE.search(tag) if tag is not None else None
    return match is not None and BUILD.search(match["tag"].replace("-", " ")) is None


def rejects_no_mmap(version: Version | None, floating: bool) -> bool | None:
    """Whether this build exits on `--no-mmap`; None when the build is unknown."""
    if version is None:
        return True if floating else None
    return version.build >= REMOVED_BUILD if version.build is not None else version.numbers >= REMOVED_RELEASE


def knows_load_mode(version: Version | None, floating: bool) -> bool | None:
    """Whether this build has `--load-mode`; None when unknown or inside the weeks around its introduction."""
    if version is None:
        return True if floating else None
    if version.build is None:
        return True if version.numbers >= (0, 4) else None
    return True if version.build >= REMOVED_BUILD else (False if version.build < INTRODUCED_BUILD else None)


def spelling(version: Version | None, floating: bool) -> str:
    """The flag that switches mapping off in this build, with the choice where the build is unknown."""
    known = rejects_no_mmap(version, floating)
    if known is None:
        return "--load-mode none (llama.cpp from September 2026 on; builds before July 2026: --no-mmap)"
    return "--load-mode none" if known else "--no-mmap"
