"""Find copies of secrets and container identities that outlive the capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.values import Made, Mapping, Sequence, Spread, constant
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

# What Modal sets anew in each container; the rest of MODAL_* belongs to the deployment.
PER_CONTAINER = ("MODAL_TASK_ID", "MODAL_REGION", "MODAL_CLOUD_PROVIDER", "MODAL_IDENTITY_TOKEN")
SECRET_NAME = re.compile(
    r"(^|_)(TOKEN|KEY|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?|DSN|AUTH|APIKEY)S?($|_)|(DATABASE|DB|REDIS|MONGO\w*|POSTGRES)_UR[IL]$"
    r"|CONNECTION_STRING$"
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Reads of such a variable whose copy is used after the capture and never taken again."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in deployment.find(model.ENVIRONMENT, phases=(model.IMPORT, model.BEFORE)):
        if event.purpose != "read" or event.conditional or event.kept is None or not event.used_after:
            continue
        if _is_read_again(deployment, event):
            continue
        confidence = Confidence.LIKELY if deployment.snapshot_likely else Confidence.CERTAIN
        if event.name in PER_CONTAINER:
            yield Hazard(event.site, _identity(deployment, event), _help(event), confidence=confidence)
        elif _from_secret(deployment, event.name):
            yield Hazard(event.site, _secret(deployment, event), _help(event), confidence=confidence)


def _identity(deployment: Deployment, event: Event) -> str:
    return (
        f"{event.kept} copies {event.name} {_when(event)}, before the snapshot of {deployment.name}, and is used after it: every restored "
        "container carries the value of the one that was captured."
    )


def _secret(deployment: Deployment, event: Event) -> str:
    return (
        f"{event.kept} copies the secret {event.name} {_when(event)}, before the snapshot of {deployment.name}, and is used after it: when "
        "the Secret is rotated, restored containers go on with the old value."
    )


def _help(event: Event) -> str:
    return (
        f'Read os.environ["{event.name}"] where it is used, or again in @modal.enter(snap=False): a restore renews the variable itself, '
        "not a copy."
    )


def _when(event: Event) -> str:
    return "at import" if event.phase == model.IMPORT else f"in {event.hook}()"


def _is_read_again(deployment: Deployment, event: Event) -> bool:
    """Read once more after the capture: renewed, or compared on purpose to notice a restore."""
    return any(other.kind == model.ENVIRONMENT and other.name == event.name for other in deployment.during(model.AFTER, model.REQUEST))


def _from_secret(deployment: Deployment, name: str) -> bool:
    """Whether one of the deployment's secrets surely or by its name provides the variable, and nothing else does."""
    secrets = deployment.option("secrets")
    if secrets.given is not True or not isinstance(secrets.raw, Sequence) or not secrets.raw.items:
        return False
    hidden = False
    for item in secrets.raw.items:
        if not isinstance(item, Made):
            hidden = True
        elif name in _named(item):
            return True
        else:
            hidden = hidden or item.name != "modal.Secret.from_dict"
    own = deployment.option("env")
    elsewhere = deployment.image.environment(name).given is True or (isinstance(own.raw, Mapping) and name in own.raw.entries)
    return hidden and not elsewhere and SECRET_NAME.search(name) is not None


def _named(secret: Made) -> set[object]:
    given = secret.arguments.get("env_dict", 0)
    if secret.name == "modal.Secret.from_dict" and isinstance(given, Mapping):
        return set(given.entries)
    required = secret.arguments.get("required_keys")
    return {constant(item) for item in required.items if not isinstance(item, Spread)} if isinstance(required, Sequence) else set()
