"""Decorator options that are more than constants: `gpu`, `volumes`, `env`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import Gpu, Setting, Site, setting_in, setting_of
from snapdoctor.app.values import (
    ABSENT,
    UNKNOWN,
    Arguments,
    Const,
    Made,
    Mapping,
    Sequence,
    Spread,
    Text,
    Unknown,
    Value,
    constant,
    is_likely,
    options,
    sketch,
)

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment, Event


def gpu_of(arguments: Arguments, fallback: Site) -> Gpu | Unknown | None:
    """Read `gpu=`: a string, a list of strings, or an old `modal.gpu` object."""
    value = arguments.get("gpu")
    if value is None or (isinstance(value, Const) and value.value is None):
        return None
    site = arguments.site("gpu") or fallback
    found = [option for option in options(value) if option is not ABSENT]
    wanted: list[tuple[str, int | None]] = []
    for option in found:
        if isinstance(option, Sequence):
            for item in option.items:
                one = UNKNOWN if isinstance(item, Spread) else _one(item)
                if isinstance(one, Unknown):
                    return UNKNOWN
                wanted.append(one)
        elif isinstance(option, Const) and option.value is None:
            return UNKNOWN
        else:
            one = _one(option)
            if isinstance(one, Unknown):
                return UNKNOWN
            wanted.append(one)
    if not wanted:
        return UNKNOWN
    counts = [count for _, count in wanted]
    several = len(found) > 1
    count = None if None in counts or (several and len(set(counts)) > 1) else max(count for count in counts if count is not None)
    return Gpu(tuple(dict.fromkeys(name for name, _ in wanted)), count, site, is_likely(value) or several)


def _one(value: Value) -> tuple[str, int | None] | Unknown:
    if isinstance(value, Made) and value.name.startswith("modal.gpu."):
        counted = value.arguments.get("count")
        known = constant(counted) if counted is not None else 1
        return value.name.rpartition(".")[2].upper(), known if isinstance(known, int) else None
    drawn = sketch(value)
    if drawn is None and isinstance(value, Text):
        return UNKNOWN
    if drawn is None:
        return UNKNOWN
    name, colon, count = drawn.partition(":")
    if "\0" in name or not name:
        return UNKNOWN
    if not colon:
        return name.upper(), 1
    return name.upper(), int(count) if count.isdigit() else None


def volumes_of(deployment: Deployment) -> dict[str, Value] | None:
    """Mount path to Volume of `volumes=` (or of the app's); None when unknown."""
    setting = deployment.option("volumes")
    if setting.given is False:
        return _app_volumes(deployment)
    if isinstance(setting.raw, Mapping):
        found = {str(key): value for key, value in setting.raw.entries.items()}
        return None if setting.raw.open and not found else found
    return None


def _app_volumes(deployment: Deployment) -> dict[str, Value] | None:
    for name, arguments, _ in deployment.app.uses:
        if name in ("modal.App", "modal.Stub"):
            given = arguments.get("volumes")
            if isinstance(given, Mapping):
                return {str(key): value for key, value in given.entries.items()}
            if given is not None:
                return None
    return {}


def environment_of(deployment: Deployment, name: str, event: Event | None = None) -> Setting:
    """A variable as the process of `event` (or the container) sees it, the nearest setting first."""
    if event is not None and event.launch is not None and event.launch.environment is not None:
        own = event.launch.environment
        if not isinstance(own, Mapping):
            return Setting(UNKNOWN, None, False, event.site, own)
        found = setting_in(Setting(UNKNOWN, True, False, event.site, own), name)
        if found.given is True or not own.open:
            return found
    for other in reversed(deployment.events):
        if other.kind == model.ENVIRONMENT and other.purpose == "set" and other.name == name and not _later(other, event):
            value = other.arguments.positional[0] if other.arguments.positional else UNKNOWN
            return Setting(constant(value), None if other.conditional else True, is_likely(value), other.site, value)
    return _outer(deployment, name)


def _later(event: Event, than: Event | None) -> bool:
    return than is not None and model.PHASES.index(event.phase) > model.PHASES.index(than.phase)


def _outer(deployment: Deployment, name: str) -> Setting:
    own = deployment.option("env")
    if own.given is True:
        found = setting_in(own, name)
        if found.given is not False:
            return found
    image = deployment.image.environment(name)
    if image.given is not False:
        return image
    if own.given is None:
        return Setting(UNKNOWN, None, False, None, None)
    secrets = setting_of(deployment.options, "secrets")
    return _in_secrets(secrets, name)


def _in_secrets(secrets: Setting, name: str) -> Setting:
    """`modal.Secret.from_dict({...})` names its variables; other secrets hold what cannot be seen, which is credentials, not switches."""
    if isinstance(secrets.raw, Sequence):
        for item in secrets.raw.items:
            if isinstance(item, Made) and item.name == "modal.Secret.from_dict" and item.arguments.positional:
                given = item.arguments.positional[0]
                if isinstance(given, Mapping) and name in given.entries:
                    value = given.entries[name]
                    return Setting(constant(value), True, is_likely(value), item.site, value)
    return Setting(None, False, False, None, None)
