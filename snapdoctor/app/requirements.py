"""Requirement strings: `vllm==0.15.1`, `sglang[all]>=0.5`, wheel and git addresses."""

from __future__ import annotations

import re

REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?\s*[^\s,;]+\s*,?\s*)*)(@\s*\S+)?")
WHEEL = re.compile(r"([A-Za-z0-9_.]+?)-(\d[^-/]*)-[^/]*\.whl")
GIT = re.compile(r"git\+\S*?/([A-Za-z0-9_.-]+?)(?:\.git)?(?:@([^#\s]+))?(?:#.*)?$")


def packages_in(word: str) -> list[tuple[str, str]]:
    """The (normalised name, specifier) of one requirement; several when a string holds several, none for options."""
    word = word.strip()
    if not word or word.startswith("-"):
        return []
    if word.startswith("git+"):
        match = GIT.search(word)
        return [(_normal(match[1]), f"@ git+{match[2] or ''}")] if match is not None else []
    if "://" in word.partition("@")[0]:
        wheel = WHEEL.search(word)
        return [(_normal(wheel[1]), f"=={wheel[2]}")] if wheel is not None else []
    match = REQUIREMENT.match(word)
    if match is None:
        return []
    return [(_normal(match[1]), (match[2] or match[3] or "").strip().rstrip(","))]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
