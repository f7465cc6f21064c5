"""Dockerfiles, read as the image steps they stand for."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from snapdoctor.app.model import ImageStep
from snapdoctor.app.values import UNKNOWN, Arguments, Const, Made, Mapping, Sequence, Value, text

if TYPE_CHECKING:
    from snapdoctor.app.model import Site
    from snapdoctor.app.project import Project

LINE = re.compile(r"^\s*([A-Za-z]+)\s+(.*)$", re.DOTALL)
VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")


def dockerfile_steps(project: Project, made: Made) -> list[ImageStep] | None:
    """Steps of `Image.from_dockerfile(path)` or `.dockerfile_commands(...)`; None when the file cannot be read."""
    if made.site is None:
        return None
    if made.name.endswith("dockerfile_commands"):
        from snapdoctor.app.image import words_of

        lines = "\n".join(word for word, _ in words_of(made.arguments))
        return parse(lines, made.site)
    path = text(made.arguments.get("path", 0))
    found = project.text_file(path, made.site.module.path) if path is not None else None
    return parse(found[1], made.site) if found is not None else None


def parse(content: str, site: Site) -> list[ImageStep]:
    """Read instructions; of several stages the last one counts, with what it is built from."""
    variables: dict[str, str] = {}
    stages: dict[str, list[ImageStep]] = {}
    steps: list[ImageStep] = []
    for instruction, rest in _instructions(content):
        expanded = _expand(rest, variables)
        if instruction == "FROM":
            steps = _from(expanded, stages, site)
            name = re.search(r"\s+[Aa][Ss]\s+(\S+)", expanded)
            if name is not None:
                stages[name[1].lower()] = steps
        elif instruction == "ARG":
            name_, _, default = expanded.partition("=")
            variables.setdefault(name_.strip(), default.strip().strip("'\""))
        elif instruction == "ENV":
            pairs = _pairs(expanded)
            variables.update(pairs)
            steps.append(ImageStep("env", Arguments((Mapping({key: Const(value) for key, value in pairs.items()}, site=site),)), site))
        elif instruction == "RUN":
            steps.append(ImageStep("RUN", Arguments((Const(_shell_form(expanded)),)), site))
        elif instruction in ("COPY", "ADD"):
            steps.append(_copy(expanded, site))
        elif instruction in ("CMD", "ENTRYPOINT"):
            steps.append(ImageStep(instruction, Arguments((Const(_shell_form(expanded)),)), site))
    return steps


def _instructions(content: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*", " ", content)
    found = []
    for line in joined.splitlines():
        match = LINE.match(line)
        if match is not None and not line.lstrip().startswith("#"):
            found.append((match[1].upper(), match[2].strip()))
    return found


def _from(expanded: str, stages: dict[str, list[ImageStep]], site: Site) -> list[ImageStep]:
    words = [word for word in expanded.split() if not word.startswith("--")]
    base = words[0] if words else ""
    if base.lower() in stages:
        return list(stages[base.lower()])
    tag: Value = Const(base) if base and "$" not in base else UNKNOWN
    return [ImageStep("from_registry", Arguments((tag,)), site)]


def _expand(rest: str, variables: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return variables.get(match[1] or match[3], match[2] if match[2] is not None else match[0])

    return VARIABLE.sub(value, rest)


def _pairs(expanded: str) -> dict[str, str]:
    if "=" not in expanded.split(maxsplit=1)[0]:
        name, _, value = expanded.partition(" ")
        return {name: value.strip()}
    try:
        words = shlex.split(expanded)
    except ValueError:
        words = expanded.split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def _shell_form(expanded: str) -> str:
    """`["a", "b"]` and `--mount=... command` as a plain command line."""
    stripped = expanded.strip()
    if stripped.startswith("["):
        return " ".join(part.strip().strip('"') for part in stripped.strip("[]").split(","))
    return re.sub(r"^(?:--\w+=\S+\s+)+", "", stripped)


def _copy(expanded: str, site: Site) -> ImageStep:
    words = [word for word in expanded.split() if not word.startswith("--")]
    local = Sequence(tuple(Const(word) for word in words[:-1]))
    return ImageStep("add_local_file", Arguments((local, Const(words[-1] if words else ""))), site)
