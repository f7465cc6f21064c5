"""Edits of an image recipe: variables, Debian packages, the base's tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.edits import added, call_of, chained, entry_set, named_literal, string_changed
from snapdoctor.app.recipe import base_site

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, ImageStep
    from snapdoctor.app.module import SourceModule
    from snapdoctor.finding import Edit


def variable_set(deployment: Deployment, name: str, value: str) -> Edit | None:
    """`.env({name: value})` at the end of the recipe, or the entry in the `.env` that is there; None where the recipe is not in this file."""
    module = deployment.module
    for step in reversed(_own_steps(deployment)):
        call = call_of(step.site)
        if step.method != "env" or call is None or not call.args:
            continue
        given = call.args[0].value
        held = named_literal(module, given.value) if isinstance(given, cst.Name) else given
        if isinstance(held, cst.Dict) and not any(isinstance(element, cst.StarredDictElement) for element in held.elements):
            return entry_set(module, held, name, f'"{value}"')
    last = _last(deployment)
    return chained(module, last, f'.env({{"{name}": "{value}"}})') if last is not None else None


def package_installed(deployment: Deployment, package: str) -> Edit | None:
    """A Debian package among those of the first `.apt_install`, or in one of its own behind the base."""
    module = deployment.module
    steps = _own_steps(deployment)
    for step in steps:
        call = call_of(step.site)
        if step.method == "apt_install" and call is not None and call.args and call.args[0].keyword is None:
            first = call.args[0].value
            return added(module, first if isinstance(first, (cst.List, cst.Tuple)) else call, [f'"{package}"']) if _plain(call) else None
    base = deployment.image.base
    call = call_of(base.site) if base is not None and base.site.module is module else None
    return chained(module, call, f'.apt_install("{package}")') if call is not None else None


def base_changed(deployment: Deployment, old: str, new: str) -> Edit | None:
    """Part of the base image's tag exchanged, where the tag is written as a string in this file."""
    base = deployment.image.base
    site = base_site(base) if base is not None else None
    if site is None or site.module is not deployment.module:
        return None
    return string_changed(site, old, new)


def _plain(call: cst.Call) -> bool:
    """Whether a further positional argument may stand at the end."""
    first = call.args[0].value
    return isinstance(first, (cst.List, cst.Tuple)) or all(argument.keyword is None for argument in call.args)


def _own_steps(deployment: Deployment) -> list[ImageStep]:
    return [step for step in deployment.image.steps if step.site.module is deployment.module and not step.conditional]


def _last(deployment: Deployment) -> cst.Call | None:
    """The call that ends the recipe; None where another file, a branch or a Dockerfile ends it."""
    steps = deployment.image.steps
    if not steps or steps[-1].conditional:
        return None
    written: list[tuple[SourceModule, cst.Call]] = []
    for step in steps:
        call = call_of(step.site)
        if call is not None and step.method != "RUN":
            written.append((step.site.module, call))
    return written[-1][1] if written and written[-1][0] is deployment.module else None
