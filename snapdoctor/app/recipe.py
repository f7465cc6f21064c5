"""What an image recipe asks pip for, with the options in force, and which CUDA base it stands on."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app.image import words_of
from snapdoctor.app.requirements import packages_in
from snapdoctor.app.values import Arguments, Const, Sequence, constant, sketch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Image, ImageStep, Site
    from snapdoctor.app.values import Item

PIP_STEPS = ("pip_install", "uv_pip_install")
BUILD_KEYWORDS = ("find_links", "index_url", "extra_index_url", "extra_options")
VALUED_OPTIONS = frozenset(
    """
    -i --index-url --extra-index-url -f --find-links -r --requirement -c --constraint --no-binary --only-binary -C --config-settings
    --config-setting --python -p -t --target --torch-backend --index --trusted-host --index-strategy --prefix --root
    """.split()  # noqa: SIM905
)
CUDA_TAG = re.compile(r"(?:^|/)nvidia/cuda:(?:(?P<major>\d+)\.(?P<minor>\d+))?.*?-(?P<flavor>devel|runtime|base)\b")


class Requirement(NamedTuple):
    """One thing that pip is asked to install."""

    name: str
    """Normalised; empty for a local path or an address without a name."""
    text: str
    """As written, unknown pieces as `\\0`."""
    options: str
    """Index and build options of the same call or command, and the variables set in front of it."""
    site: Site


class CudaBase(NamedTuple):
    """An `nvidia/cuda` base image."""

    version: tuple[int, int] | None
    flavor: str
    """`devel`, `runtime` or `base`."""
    site: Site


def cuda_base(image: Image) -> CudaBase | None:
    """The image's `nvidia/cuda` base; None when it stands on another or an unknown one."""
    step, tag = image.base, image.tag
    match = CUDA_TAG.search(tag) if tag is not None else None
    if match is None or step is None:
        return None
    version = (int(match["major"]), int(match["minor"])) if match["major"] else None
    return CudaBase(version, match["flavor"], base_site(step))


def base_site(step: ImageStep) -> Site:
    """Where the base is named, else the step itself."""
    return step.arguments.site("tag", 0) or step.arguments.site("path", 0) or step.site


def python_version(image: Image) -> str | None:
    """`3.12`, if the recipe says which Python it brings."""
    step = image.base
    if step is None:
        return None
    given = step.arguments.get("python_version", 0) if step.method == "debian_slim" else step.arguments.get("add_python")
    found = constant(given)
    return found if isinstance(found, str) else None


def requirements(image: Image) -> Iterator[Requirement]:
    """What `pip_install`, `uv_pip_install` and `pip install` commands ask for, in order."""
    for step in image.find(*PIP_STEPS):
        held = " ".join(_given(step.arguments))
        for word, index in words_of(step.arguments):
            site = step.arguments.site("", index) or step.site
            yield Requirement(_name(word), word, held, site)
    for command, site in commands(image):
        yield from _of_command(command, site)


def commands(image: Image) -> Iterator[tuple[str, Site]]:
    """Shell commands of the recipe, each with the place of its own string where it has one."""
    told = set()
    for step in image.find("run_commands", "RUN"):
        for word, index in words_of(step.arguments):
            told.add(word)
            yield word, step.arguments.site("", index) or step.site
    yield from ((command, site) for command, site in image.commands() if command not in told)


def is_settled(image: Image) -> bool:
    """Whether every step is known to its last argument and no step depends on a branch: what is not there is surely missing."""
    return image.complete and not any(step.conditional or step.arguments.open or _has_holes(step) for step in image.steps)


def _has_holes(step: ImageStep) -> bool:
    if step.method not in (*PIP_STEPS, "apt_install", "run_commands", "RUN"):
        return False
    return any(not _is_read(value) for value in step.arguments.positional) or any("\0" in word for word, _ in words_of(step.arguments))


def _is_read(item: Item) -> bool:
    """Whether all strings of an argument are known; those that depend on a branch are not."""
    if isinstance(item, Sequence):
        return all(_is_read(inner) for inner in item.items)
    return isinstance(item, Const)


def _given(arguments: Arguments) -> Iterator[str]:
    for keyword in BUILD_KEYWORDS:
        value = arguments.get(keyword)
        if value is not None and constant(value) is not None:
            yield sketch(value) or "\0"


def _name(word: str) -> str:
    found = packages_in(word)
    return found[0][0] if found else ""


def _of_command(command: str, site: Site) -> Iterator[Requirement]:
    for part in re.split(r"&&|\|\||;|\n", command.replace("\\\n", " ")):
        words = _split(part)
        if "install" not in words or not any(re.fullmatch(r"(?:.*/)?pip[0-9.]*", word) for word in words[: words.index("install")]):
            continue
        start = words.index("install")
        names, given = _separate(words[start + 1 :])
        held = " ".join([*(word for word in words[:start] if "=" in word), *given])
        for name in names:
            yield Requirement(_name(name), name, held, site)


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _separate(words: list[str]) -> tuple[list[str], list[str]]:
    """Requirements and options of a `pip install` command."""
    names: list[str] = []
    given: list[str] = []
    valued = False
    for word in words:
        if valued or word.startswith("-"):
            given.append(word)
            valued = not valued and word in VALUED_OPTIONS
        else:
            names.append(word)
    return names, given
