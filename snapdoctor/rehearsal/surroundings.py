"""What a container of the app finds around it: environment, secrets, Volumes; and what of that this machine does not have."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.rehearsal.mark import MARK
from snapdoctor.rehearsal.resolve import CREDENTIAL, layers_of, pinned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snapdoctor.rehearsal.control_plane import ControlPlane
    from snapdoctor.rehearsal.target import Target

# Of this machine's own environment a rehearsed container gets only what programs need to run at all.
KEPT = re.compile(
    r"^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TERM|VIRTUAL_ENV|LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|OPENBLAS_\w+|SSL_CERT_\w+|XDG_CACHE_HOME)$"
)
INLINE = "(inline)"
FIRST_TASK, SECOND_TASK = "ta-rehearsal-1", "ta-rehearsal-2"


class BadSurroundings(Exception):
    """A file or folder that was given cannot be used; the text says which."""


class Surroundings(NamedTuple):
    """Environment and mounts of one rehearsed container."""

    environment: dict[str, str]
    binds: tuple[tuple[str, str], ...]
    """(folder of this machine, mount path)."""
    secrets: dict[str, str]
    """Variable to the Secret that it comes from; empty for what differs by container."""
    notes: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    """Values of Secrets, and of variables named like credentials: no report may hold them."""


def around(plane: ControlPlane, target: Target, url: str, scratch: Path, given: Mapping[str, Mapping[str, str]]) -> Surroundings:
    """The surroundings; `given` holds the command line's `env`, `secrets` (name to dotenv file) and `volumes` (name to folder).

    Raises `BadSurroundings`.
    """
    secrets, notes = _secrets(plane, target, given["secrets"])
    binds, unmapped = _volumes(plane, target, given["volumes"])
    environment = {name: value for name, value in os.environ.items() if KEPT.match(name)}
    environment |= _of_image(plane, target.function.image_id)
    for values in secrets.values():
        environment |= values
    environment |= given["env"]
    environment |= pinned(url, str(scratch))
    environment["PYTHONPATH"] = os.pathsep.join([str(target.path.resolve().parent), *filter(None, [environment.get("PYTHONPATH", "")])])
    environment |= _of_modal(target, scratch)
    # The values of an inline Secret change with a deploy, and a deploy makes new snapshots; those of a named one change at any time.
    sources = {name: secret for secret, values in secrets.items() if not secret.startswith(INLINE) for name in values}
    credentials = (value for name, value in given["env"].items() if CREDENTIAL.search(name))
    hidden = (*(value for values in secrets.values() for value in values.values()), *credentials)
    return Surroundings(environment, binds, {**sources, "MODAL_TASK_ID": ""}, (*notes, *unmapped), hidden)


def _of_modal(target: Target, scratch: Path) -> dict[str, str]:
    made = {
        MARK: scratch.parent.name,
        "PYTHONUNBUFFERED": "1",
        "MODAL_IS_REMOTE": "1",
        "MODAL_TASK_ID": FIRST_TASK,
        "MODAL_IMAGE_ID": target.function.image_id,
        "MODAL_ENVIRONMENT": "main",
        "MODAL_CONTAINER_ARGUMENTS_PATH": str(scratch / "arguments"),
        "MODAL_RESTORE_STATE_PATH": str(scratch / "restore" / "state.json"),
        "MODAL_LOGLEVEL": "WARNING",
        # Up to 1.5 the client runs this for every process: one that knows none lets it go on, and the checkpoint is ours to make.
        "MODAL_CUDA_CHECKPOINT_PATH": "/bin/false",
    }
    if target.function.is_checkpointing_function:
        made["MODAL_ENABLE_SNAP_RESTORE"] = "1"
    return made


def _of_image(plane: ControlPlane, identity: str) -> dict[str, str]:
    """`ENV` of every layer that the client describes; those of the base image are not known here."""
    found: dict[str, str] = {}
    for layer in layers_of(plane, identity):
        for line in layer:
            word, _, rest = line.strip().partition(" ")
            if word.upper() != "ENV":
                continue
            for pair in shlex.split(rest):
                name, equals, value = pair.partition("=")
                if equals:
                    found[name] = value
    return found


def _secrets(plane: ControlPlane, target: Target, files: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], list[str]]:
    found: dict[str, dict[str, str]] = {}
    notes = []
    wanted = [plane.secrets[identity] for identity in target.function.secret_ids if identity in plane.secrets]
    for number, secret in enumerate(wanted):
        name = secret.deployment_name
        found[name or f"{INLINE} {number + 1}"] = dict(secret.env_dict)
        if not name:
            continue
        if name in files:
            found[name] |= dotenv(Path(files[name]))
        else:
            needs = f" ({', '.join(secret.required_keys)})" if secret.required_keys else ""
            notes.append(f"the Secret {name}{needs} was not given; --secret {name}=FILE takes its variables from a dotenv file")
    unknown = sorted(set(files) - {secret.deployment_name for secret in wanted})
    if unknown:
        raise BadSurroundings(f"--secret {unknown[0]}: {target.name} uses no Secret of this name")
    return found, notes


def dotenv(path: Path) -> dict[str, str]:
    """The variables of a dotenv file (`NAME=value`, quotes and comments as a shell has them); raises `BadSurroundings`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSurroundings(f"{path}: this dotenv file cannot be read: {error}") from error
    found = {}
    for number, line in enumerate(lines, 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not name or name.startswith("#"):
            continue
        try:
            words = shlex.split(value, comments=True)
        except ValueError as error:
            raise BadSurroundings(f"{path}:{number}: {error}") from error
        if not equals:
            raise BadSurroundings(f"{path}:{number}: expected NAME=value")
        found[name.strip()] = " ".join(words)
    return found


def _volumes(plane: ControlPlane, target: Target, folders: Mapping[str, str]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    binds, notes, known = [], [], set()
    for mount in target.function.volume_mounts:
        name = plane.volumes[mount.volume_id].deployment_name
        known.add(name)
        if name not in folders:
            notes.append(
                f"the Volume {name} at {mount.mount_path} is not mapped; --volume {name}=FOLDER puts a folder of this machine there"
            )
        elif not Path(folders[name]).is_dir():
            raise BadSurroundings(f"--volume {name}={folders[name]}: there is no such folder")
        else:
            binds.append((str(Path(folders[name]).resolve()), mount.mount_path))
    unknown = sorted(set(folders) - known)
    if unknown:
        raise BadSurroundings(f"--volume {unknown[0]}: {target.name} mounts no Volume of this name")
    return tuple(binds), notes
