"""Model files that stay mapped at the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence, engine_starts, model_loads, title
from snapdoctor.app.values import constant
from snapdoctor.engines import llama_cpp
from snapdoctor.engines.command import flag
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

ON_CPU = ("transformers", "diffusers", "sentence-transformers")
OFF = ("false", "0", "no", "off")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each engine or load before the capture whose model file surely stays mapped."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in engine_starts(deployment, model.BEFORE):
        name = event.launch.engine if event.launch is not None else None
        if name == "llama-server" and _server_maps(deployment, event):
            yield _hazard(deployment, event, f"Add {_server_spelling(deployment)} to the command.")
        elif name == "llama-cpp-python" and _python_server_maps(deployment, event):
            yield _hazard(deployment, event, "Add --use_mmap False to the command.")
    for event in model_loads(deployment, model.IMPORT, model.BEFORE):
        if event.load is not None and event.load.engine == "llama-cpp-python" and _llama_maps(event):
            yield _hazard(deployment, event, "Pass use_mmap=False; it costs host memory only.")


def _server_maps(deployment: Deployment, event: Event) -> bool:
    launch = event.launch
    if launch is None:
        return False
    mode = flag(launch, "--load-mode", "-lm", underscores=True)
    if mode.present is None or (mode.present and mode.value in llama_cpp.UNMAPPED_MODES) or (mode.present and mode.value is None):
        return False
    if mode.present:
        return mode.value in ("mmap", "auto", "mmap+mlock")
    old = flag(launch, "--no-mmap", "--direct-io", "-dio", underscores=True)
    if old.present is not False:
        return False
    variable = deployment.environment("LLAMA_ARG_LOAD_MODE", event)
    if variable.given is not False and (variable.given is None or str(variable.value) in llama_cpp.UNMAPPED_MODES or not variable.known):
        return False
    legacy = deployment.environment("LLAMA_ARG_NO_MMAP", event)
    version = _version(deployment)
    rejects = llama_cpp.rejects_no_mmap(version, llama_cpp.floats(deployment.image.tag))
    return legacy.given is False or rejects is True


def _version(deployment: Deployment) -> llama_cpp.Version | None:
    return llama_cpp.version_of(deployment.image.tag, tuple(command for command, _ in deployment.image.commands()))


def _server_spelling(deployment: Deployment) -> str:
    return llama_cpp.spelling(_version(deployment), llama_cpp.floats(deployment.image.tag))


def _python_server_maps(deployment: Deployment, event: Event) -> bool:
    if event.launch is None:
        return False
    given = flag(event.launch, "--use_mmap", prefix="--use_mm")
    config = flag(event.launch, "--config_file")
    variable = deployment.environment("USE_MMAP", event)
    if config.present is not False or given.present is None or variable.given is None:
        return False
    value = given.value if given.present else (str(variable.value) if variable.given else None)
    return value is None or value.lower() not in OFF


def _llama_maps(event: Event) -> bool:
    mapping = event.arguments.get("use_mmap")
    lora = event.arguments.get("lora_path")
    if lora is not None and constant(lora) is not None:
        return False
    return mapping is None or constant(mapping) is True


def _hazard(deployment: Deployment, event: Event, remedy: str) -> Hazard:
    place = " It lies on a Volume, whose content can change without the snapshot noticing." if _on_volume(deployment, event) else ""
    return Hazard(
        event.site,
        f"{title(event)} keeps its model file memory-mapped in the snapshot of {deployment.name}: if that file is gone every restore fails, and if its bytes change the answers are silently wrong.{place}",
        remedy,
        confidence=confidence(deployment, event),
    )


def _on_volume(deployment: Deployment, event: Event) -> bool:
    path = event.load.model if event.load is not None else (flag(event.launch, "-m", "--model").value if event.launch is not None else None)
    volumes = deployment.volumes() or {}
    return path is not None and any(path.startswith(mount.rstrip("/") + "/") for mount in volumes)
