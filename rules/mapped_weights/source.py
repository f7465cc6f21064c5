"""Find weights that are still mapped from their file when the snapshot is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app import model, questions
from snapdoctor.app.taint import load_behind
from snapdoctor.app.values import Made, Mapping, Sequence, Spread, Value, constant, options
from snapdoctor.engines import llama_server
from snapdoctor.engines.command import flag, role
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Setting, Site
    from snapdoctor.engines.engine import Launch

BEFORE = (model.IMPORT, model.BEFORE)
FALSE = ("0", "false", "no", "off", "f", "n", "disabled")
MODEL = ("-m", "--model")
# Where a model taken from the hub lands, the nearest setting first, and the default.
CACHES = ("LLAMA_CACHE", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME")
DEFAULT_CACHE = "/root/.cache/huggingface"
OFFLOADS = ("enable_model_cpu_offload", "enable_sequential_cpu_offload", "enable_group_offload", "cpu_offload")


class Mapped(NamedTuple):
    """A loader that keeps its model file mapped."""

    event: Event
    site: Site
    path: str | None
    remedy: str


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Loaders that are alive at the capture and map: llama.cpp in its three forms, and safetensors that move to the GPU only afterwards."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    for event in deployment.during(*BEFORE):
        if event.conditional:
            continue
        mapped = _mapped(deployment, event)
        if mapped is not None and not _ended(deployment, event):
            yield _of_file(deployment, mapped)
        elif deployment.snapshot == "gpu" and event.kind == model.LOAD:
            yield from _of_safetensors(deployment, event)


def _mapped(deployment: Deployment, event: Event) -> Mapped | None:
    launch = event.launch
    if launch is not None and not launch.waits and launch.engine == "llama-server":
        return _llama_server(deployment, event, launch)
    if launch is not None and not launch.waits and launch.engine == "llama-cpp-python":
        return _python_server(deployment, event, launch)
    if event.kind == model.LOAD and event.load is not None and event.load.engine == "llama-cpp-python":
        return _in_process(event)
    return None


def _llama_server(deployment: Deployment, event: Event, launch: Launch) -> Mapped | None:
    if any(_unsaid(flag(launch, *option.names).present) for option in llama_server.REMOVED_OPTIONS if "--mlock" not in option.names):
        return None
    mode = flag(launch, *llama_server.LOAD_MODE.names)
    if _unsaid(mode.present) and (mode.value is None or mode.value in llama_server.UNMAPPED_MODES):
        return None
    if mode.present is False and any(
        _settles(deployment.environment(name, event)) for name in ("LLAMA_ARG_LOAD_MODE", *llama_server.DEAD_VARIABLES)
    ):
        return None
    if role(launch, "model").present is False and deployment.environment("LLAMA_ARG_MODEL", event).given is False:
        return None
    remedy = f"Add {llama_server.spelling(deployment.installed('llama-server'))} to the command."
    return Mapped(event, questions.command_site(deployment, event), flag(launch, *MODEL).value, remedy)


def _unsaid(present: bool | None) -> bool:
    """Whether an option is given, or may be: either way nothing can be said of its absence."""
    return present is not False


def _settles(setting: Setting) -> bool:
    """Whether a variable may switch the mapping off; one that says `mmap` or `auto` does not."""
    if setting.given is False:
        return False
    return not isinstance(setting.value, str) or setting.value not in ("auto", "mmap", "mmap+mlock")


def _python_server(deployment: Deployment, event: Event, launch: Launch) -> Mapped | None:
    use = flag(launch, "--use_mmap")
    if _unsaid(use.present) and (use.value is None or use.value.lower() in FALSE):
        return None
    config = role(launch, "config")
    if _unsaid(config.present) or any(deployment.environment(name, event).given is not False for name in ("USE_MMAP", "CONFIG_FILE")):
        return None
    return Mapped(event, questions.command_site(deployment, event), role(launch, "model").value, "Add --use_mmap false to the command.")


def _in_process(event: Event) -> Mapped | None:
    arguments = event.arguments
    use = arguments.get("use_mmap")
    if use is not None and constant(use) is not True:
        return None
    if any(arguments.get(name) is not None for name in ("lora_path", "no_mmap")):
        return None
    hub = event.name.endswith("from_pretrained")
    return Mapped(event, event.site, None if hub or event.load is None else event.load.model, "Add use_mmap=False to the call.")


def _ended(deployment: Deployment, event: Event) -> bool:
    """Whether the process or model is ended again before the capture."""
    return any(
        other.name.rpartition(".")[2] in ("terminate", "kill", "close")
        and not other.conditional
        and other.subject is event.made
        and event.made is not None
        for other in deployment.during(*BEFORE)
    )


def _of_file(deployment: Deployment, mapped: Mapped) -> Hazard:
    start = f"{questions.title(mapped.event)} keeps the model file of {deployment.name} mapped at the capture. Mapped pages are not in the snapshot: "
    mount = _mount(deployment, mapped)
    if mount is None:
        end = "every restore opens that file again and needs it in place with the same bytes."
    else:
        end = (
            f"every restore opens that file again, and it lies on the Volume at {mount}, which can change while the snapshot lives. "
            "Deleted, it fails the restore; rewritten, it gives wrong answers without an error."
        )
    return Hazard(mapped.site, start + end, mapped.remedy, confidence=questions.confidence(deployment, mapped.event), event=mapped.event)


def _mount(deployment: Deployment, mapped: Mapped) -> str | None:
    """The mount that holds the model file, as far as it is known."""
    mounts = deployment.volumes()
    if not mounts:
        return None
    path = mapped.path if mapped.path is not None and mapped.path.startswith("/") else _cache(deployment, mapped.event)
    return next((mount for mount in mounts if f"{path}/".startswith(f"{mount.rstrip('/')}/")), None)


def _cache(deployment: Deployment, event: Event) -> str:
    for name in CACHES:
        setting = deployment.environment(name, event)
        if setting.given is True and isinstance(setting.value, str):
            return setting.value
    return DEFAULT_CACHE


def _of_safetensors(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    """A model loaded on the CPU before a GPU capture that goes to the GPU only afterwards."""
    load, engine = event.load, questions.engine_of(event)
    if load is None or engine is None or not engine.safetensors or event.device != "cpu":
        return
    moves = [other for other in deployment.find(model.MOVE) if other.load is load and other.device != "cpu"]
    if not moves or any(move.phase in BEFORE or move.conditional for move in moves) or _handed_on(deployment, event):
        return
    yield Hazard(
        event.site,
        f"{deployment.name} loads this model on the CPU and moves it to the GPU only after the capture: the GPU snapshot holds none of it, and weights kept in the dtype of "
        "their safetensors file are still mapped from that file, which every restore reads again and needs unchanged.",
        'Move the model to the GPU before the hook ends, .to("cuda") or device_map="cuda".',
        confidence=Confidence.LIKELY,
        related=((moves[0].site, "it goes to the GPU here, after the snapshot"),),
    )


def _handed_on(deployment: Deployment, event: Event) -> bool:
    """Whether something else before the capture takes the model and may move it."""
    for other in deployment.during(*BEFORE):
        if other is event:
            continue
        given = (*other.arguments.positional, *other.arguments.keywords.values())
        if other.name.rpartition(".")[2] in OFFLOADS or any(_holds(value, event) for value in given):
            return True
    return any(other.load is None and other.device != "cpu" for other in deployment.find(model.MOVE, phases=BEFORE))


def _holds(value: Value, event: Event) -> bool:
    for option in options(value):
        if isinstance(option, Sequence) and any(not isinstance(item, Spread) and _holds(item, event) for item in option.items):
            return True
        if isinstance(option, Mapping) and any(_holds(item, event) for item in option.entries.values()):
            return True
        if isinstance(option, Made) and load_behind(option) is event:
            return True
    return False
