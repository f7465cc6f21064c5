"""Image recipes: builder chains, Dockerfiles, and what they install, set and run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app.dockerfile import dockerfile_steps
from snapdoctor.app.model import BUILD, Image, ImageStep, Setting, Site, setting_in, setting_of
from snapdoctor.app.objects import Bound, Function
from snapdoctor.app.requirements import packages_in
from snapdoctor.app.values import UNKNOWN, Arguments, Choice, Const, Made, Mapping, Sequence, Spread, Text, Value, constant, sketch, text
from snapdoctor.engines.version import Version

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Event
    from snapdoctor.app.module import SourceModule

BASES = (
    "debian_slim",
    "from_registry",
    "from_dockerfile",
    "micromamba",
    "from_aws_ecr",
    "from_gcp_artifact_registry",
    "from_scratch",
    "from_id",
    "from_name",
)
PIP = (
    "pip_install",
    "uv_pip_install",
    "pip_install_from_requirements",
    "poetry_install_from_file",
    "uv_sync",
    "pip_install_private_repos",
    "micromamba_install",
)
APT = re.compile(r"apt(?:-get)?\s+(?:-\S+\s+)*install\s+([^&|;]*)")


def image_of(machine: Machine, value: Value | None, module: SourceModule) -> Image:
    """The recipe behind an image value."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return Image((), complete=True)
    steps, complete = _steps(machine, value, 0)
    return Image(tuple(steps), complete)


def _steps(machine: Machine, value: Value, depth: int) -> tuple[list[ImageStep], bool]:
    if depth > 200:
        return [], False
    if isinstance(value, Choice):
        return _common(machine, value, depth)
    if not isinstance(value, Made) or not value.name.startswith("modal.Image.") or value.site is None:
        return [], False
    method = value.name.rpartition(".")[2]
    own = [ImageStep(method, value.arguments, value.site, events=_built(machine, value) if method == "run_function" else ())]
    if method == "from_dockerfile":
        inner = dockerfile_steps(machine.project, value)
        return (own + inner, True) if inner is not None else (own, False)
    if method == "dockerfile_commands":
        own += dockerfile_steps(machine.project, value) or []
    if method in BASES or method == "from_registry":
        return own, method not in ("from_id", "from_name")
    if isinstance(value.base, (Made, Choice)):
        before, complete = _steps(machine, value.base, depth + 1)
        return before + own, complete
    return own, False


def _built(machine: Machine, value: Made) -> tuple[Event, ...] | None:
    """What a build function does, at the time the image is built."""
    from snapdoctor.app.calls import call_function
    from snapdoctor.app.expressions import iterate

    function = value.arguments.get("raw_f", 0)
    if not isinstance(function, (Function, Bound)) or value.site is None:
        return None
    if id(value) not in machine.builds:
        given, named = value.arguments.get("args"), value.arguments.get("kwargs")
        items = iterate(given) if isinstance(given, Sequence) else ()
        keywords = {str(key): entry for key, entry in named.entries.items()} if isinstance(named, Mapping) else {}
        arguments = Arguments(tuple(UNKNOWN if isinstance(item, Spread) else item for item in items), keywords)
        before, trail = machine.captured(), machine.trail.mark()
        with machine.during(BUILD, "run_function"):
            call_function(machine, function, arguments, value.site)
        machine.builds[id(value)] = tuple(machine.captured())
        machine.trail.take_back(trail)
        machine.events = before
    return machine.builds[id(value)]


def _common(machine: Machine, value: Choice, depth: int) -> tuple[list[ImageStep], bool]:
    """An image that differs by branch: what both have is sure, the rest conditional."""
    arms = [_steps(machine, option, depth + 1) for option in value.options]
    longest = max(arms, key=lambda arm: len(arm[0]))[0]
    sure = [{(step.method, id(step.site.node)) for step in steps} for steps, _ in arms]
    merged = [
        step if all((step.method, id(step.site.node)) in one for one in sure) else step._replace(conditional=True) for step in longest
    ]
    known = {(step.method, id(step.site.node)) for step in longest}
    for steps, _ in arms:
        merged += [step._replace(conditional=True) for step in steps if (step.method, id(step.site.node)) not in known]
    return merged, all(complete for _, complete in arms)


def base_tag(image: Image) -> str | None:
    """The registry tag of the base, with `\\0` for unknown pieces."""
    step = image.base
    if step is None:
        return None
    if step.method == "from_dockerfile":
        inner = [other for other in image.steps if other.method == "from_registry"]
        step = inner[-1] if inner else step
    if step.method == "from_registry":
        return sketch(step.arguments.get("tag", 0))
    return None


def words_of(arguments: Arguments) -> list[tuple[str, int]]:
    """Every string among the positional arguments, lists flattened, with the position it came from; unknown pieces `\\0`."""
    found: list[tuple[str, int]] = []

    def add(value: Value | Spread, index: int) -> None:
        if isinstance(value, Spread):
            for run in value.options or ():
                for item in run:
                    add(item, index)
        elif isinstance(value, Sequence):
            for item in value.items:
                add(item, index)
        elif isinstance(value, Choice):
            for option in value.options:
                add(option, index)
        elif isinstance(value, (Const, Text)):
            drawn = sketch(value)
            if drawn is not None:
                found.append((drawn, index))

    for index, value in enumerate(arguments.positional):
        add(value, index)
    return found


def python_packages(image: Image) -> tuple[tuple[str, str], ...]:
    """(normalised name, specifier) of every Python package the recipe names."""
    found: list[tuple[str, str]] = []
    for step in image.steps:
        if step.method in PIP:
            for word, _ in words_of(step.arguments):
                found += packages_in(word)
    for command, _ in shell_commands(image):
        found += _pip_commands(command)
    return tuple(found)


def _pip_commands(command: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in re.split(r"&&|;|\|\|", command):
        match = re.search(r"(?:^|\s)(?:uv\s+)?pip3?(?:\s+-\S+)*\s+install\s+(.*)", part, re.DOTALL)
        if match is None:
            continue
        skip = False
        for word in match[1].replace("\\\n", " ").split():
            if skip:
                skip = False
            elif word.startswith("-"):
                skip = "=" not in word and word in (
                    "-r",
                    "-i",
                    "-f",
                    "-c",
                    "--index-url",
                    "--extra-index-url",
                    "--find-links",
                    "--requirement",
                    "--constraint",
                )
            else:
                found += packages_in(word.strip("'\""))
    return found


def pinned_version(image: Image, package: str) -> Version | None:
    """The version an `==` pin names; the last one wins, as it does in the image."""
    wanted = package.lower().replace("_", "-")
    for name, specifier in reversed(python_packages(image)):
        if name == wanted:
            match = re.match(r"={2,3}\s*v?([^\s,;]+)", specifier)
            return Version.parse(match[1]) if match is not None and "\0" not in match[1] and "*" not in match[1] else None
    return None


def apt_packages(image: Image) -> frozenset[str]:
    """Debian packages by name, versions cut off."""
    found: set[str] = set()
    for step in image.steps:
        if step.method == "apt_install":
            for word, _ in words_of(step.arguments):
                found.update(part.partition("=")[0] for part in word.split())
    for command, _ in shell_commands(image):
        for match in APT.finditer(command.replace("\\\n", " ")):
            found.update(part.partition("=")[0] for part in match[1].split() if not part.startswith("-"))
    return frozenset(found)


def shell_commands(image: Image) -> tuple[tuple[str, Site], ...]:
    """Commands of `run_commands`, Dockerfile RUN lines and `from_registry(setup_dockerfile_commands=...)`."""
    found: list[tuple[str, Site]] = []
    for step in image.steps:
        if step.method in ("run_commands", "RUN"):
            found += [(word, step.site) for word, _ in words_of(step.arguments)]
        setup = step.arguments.get("setup_dockerfile_commands")
        if isinstance(setup, Sequence):
            for word, _ in words_of(Arguments((setup,))):
                if word.upper().startswith("RUN "):
                    found.append((word[4:], step.site))
    return tuple(found)


def environment(image: Image, name: str) -> Setting:
    """A variable of `.env({...})` or ENV; the last one wins."""
    for step in reversed(image.steps):
        if step.method == "env":
            value = step.arguments.get("vars", 0)
            if isinstance(value, Mapping):
                found = setting_in(Setting(UNKNOWN, True, False, step.site, value), name)
                if found.given is not False:
                    return found._replace(given=None) if step.conditional else found
            elif value is not None:
                return Setting(UNKNOWN, None, False, step.site, value)
    if not image.complete:
        return Setting(UNKNOWN, None, False, None, None)
    return Setting(None, False, False, None, None)


__all__ = [
    "apt_packages",
    "base_tag",
    "constant",
    "environment",
    "image_of",
    "pinned_version",
    "python_packages",
    "setting_of",
    "shell_commands",
    "text",
    "words_of",
]
