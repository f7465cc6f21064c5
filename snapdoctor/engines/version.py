"""Versions of engines: releases, and llama.cpp's build numbers."""

from __future__ import annotations

import re
from typing import NamedTuple


class Version(NamedTuple):
    """A release as comparable numbers; llama.cpp builds are `(0, 0, N)` of `bN` with `build` set."""

    numbers: tuple[int, ...]
    text: str
    build: int | None = None
    """llama.cpp build number (`b10884`), where the version is one."""

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read `0.5.9`, `v0.15.1`, `0.5.6.post2`, `b10884`; None when it is none of these."""
        build = re.fullmatch(r"b(\d{3,6})", text.strip())
        if build:
            return cls((0, 0, int(build[1])), text, int(build[1]))
        match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
        if not match:
            return None
        return cls(tuple(int(part) for part in match[1].split(".")), text)

    def below(self, *numbers: int) -> bool:
        """Whether it is older than `numbers`."""
        return self.numbers < numbers

    def reached(self, marks: tuple[str, ...]) -> bool | None:
        """Whether it is at or past the mark of its own kind (build or release); None when there is no such mark."""
        for mark in marks:
            other = Version.parse(mark)
            if other is not None and (other.build is None) == (self.build is None):
                return self.numbers >= other.numbers
        return None


class Installed(NamedTuple):
    """What an image recipe says of an engine's version."""

    version: Version | None
    floating: str | None = None
    """The tag of an official image that moves with every release (`server-cuda`, `latest`): whatever is newest."""
