"""What `modal deploy` would send for a deployment, put in the place of what was read: exact where source leaves a value open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app.dockerfile import parse
from snapdoctor.app.model import Gpu, Image, ImageStep
from snapdoctor.app.values import Arguments, Const, Made, Mapping, Sequence, constant, is_likely

if TYPE_CHECKING:
    from snapdoctor.app.model import App, Deployment, Site
    from snapdoctor.app.values import Value

# The first layer of `Image.debian_slim` (modal 1.2 to 1.6, _image.py).
SLIM = re.compile(r"^FROM python:(\d+\.\d+)\S*-slim-")
SLIM_TOOLS = "RUN apt-get install -y gcc gfortran build-essential"


class ResolvedDeployment(NamedTuple):
    """One function, class or server as the client describes it to the platform."""

    name: str
    gpus: tuple[str, ...]
    """`TYPE:COUNT`; several where a list was given."""
    options: tuple[tuple[str, object], ...]
    """Decorator options that are set, by name; what has its default is left out."""
    volumes: tuple[tuple[str, str], ...]
    """(mount path, Volume name)."""
    layers: tuple[tuple[str, ...], ...]
    """Dockerfile instructions of each image layer, base first; empty: an image that the client does not describe."""


class ResolvedApp(NamedTuple):
    """Everything that one file deploys."""

    name: str
    deployments: tuple[ResolvedDeployment, ...]


def merge(app: App, resolved: ResolvedApp) -> tuple[str, ...]:
    """Correct the app's deployments; returns the names of those that would not be deployed."""
    known = {one.name: one for one in resolved.deployments}
    missing = []
    for deployment in app.deployments:
        if deployment.kind == "mixin":
            continue
        name = constant(deployment.options.get("name"))
        one = known.get(name if isinstance(name, str) else deployment.name)
        if one is None:
            missing.append(deployment.name)
        else:
            _correct(deployment, one)
    return tuple(missing)


def _correct(deployment: Deployment, exact: ResolvedDeployment) -> None:
    read = deployment.options
    given = dict(exact.options)
    keywords: dict[str, Value] = {name: value for name, value in read.keywords.items() if name in KEPT_AS_READ}
    for name in COVERED:
        if name in given:
            keywords[name] = _same(read.keywords.get(name), given[name])
    if exact.gpus:
        keywords["gpu"] = _same(read.keywords.get("gpu"), exact.gpus[0] if len(exact.gpus) == 1 else list(exact.gpus))
    if exact.volumes:
        keywords["volumes"] = _volumes(read.keywords.get("volumes"), exact.volumes, deployment.site)
    deployment.options = Arguments(read.positional, keywords, False, {name: site for name, site in read.sites.items() if name in keywords})
    deployment.gpu = _gpu(exact, deployment)
    if exact.layers and (not deployment.image.complete or any(step.conditional for step in deployment.image.steps)):
        deployment.image = Image(tuple(_steps(exact.layers, deployment.site)), complete=True)


COVERED = (
    "cpu", "memory", "ephemeral_disk", "timeout", "startup_timeout", "scaledown_window", "min_containers", "max_containers", "buffer_containers",
    "enable_memory_snapshot", "experimental_options", "schedule", "port", "target_concurrency", "max_concurrency",
)  # fmt: skip
# What the recording does not say, or says in another form: these stay as the source has them.
KEPT_AS_READ = (
    "image",
    "secrets",
    "env",
    "name",
    "serialized",
    "retries",
    "region",
    "cloud",
    "network_file_systems",
    "proxy",
    "single_use_containers",
)


def _same(read: Value | None, exact: object) -> Value:
    """The value as it was read where that says the same without an assumption, so that its place and form are kept."""
    if read is not None and not is_likely(read) and constant(read) == exact:
        return read
    return _value(exact)


def _value(exact: object) -> Value:
    if isinstance(exact, dict):
        return Mapping({key: _value(value) for key, value in exact.items()})
    if isinstance(exact, (list, tuple)):
        return Sequence(tuple(_value(item) for item in exact), "list" if isinstance(exact, list) else "tuple")
    return Const(exact)


def _volumes(read: Value | None, exact: tuple[tuple[str, str], ...], site: Site) -> Value:
    known = read.entries if isinstance(read, Mapping) else {}
    entries: dict[object, Value] = {}
    for path, name in exact:
        entries[path] = known.get(path) or Made("modal.Volume.from_name", Arguments((Const(name),)), site)
    return Mapping(entries, site=site)


def _gpu(exact: ResolvedDeployment, deployment: Deployment) -> Gpu | None:
    if not exact.gpus:
        return None
    pairs = [one.rpartition(":") for one in exact.gpus]
    site = deployment.options.site("gpu") or deployment.site
    return Gpu(tuple(dict.fromkeys(name for name, _, _ in pairs)), max(int(count) for _, _, count in pairs), site)


def _steps(layers: tuple[tuple[str, ...], ...], site: Site) -> list[ImageStep]:
    """The recipe: every layer but the first stands on the one before (`FROM base`)."""
    steps: list[ImageStep] = []
    for number, layer in enumerate(layers):
        slim = SLIM.match(layer[0]) if layer else None
        if number == 0 and slim is not None and SLIM_TOOLS in layer:
            steps.append(ImageStep("debian_slim", Arguments((), {"python_version": Const(slim[1])}), site))
            continue
        instructions = [line for line in layer if number == 0 or not line.startswith("FROM base")]
        steps += parse("\n".join(instructions), site)
    return steps
