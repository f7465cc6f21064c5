"""Where a deployment's weights come from: the hub at every start, the image, or a Volume."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app import model
from snapdoctor.app.recipe import commands
from snapdoctor.app.values import Arguments, Spread, constant, sketch
from snapdoctor.engines.registry import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snapdoctor.app.model import Deployment, Event, Image, Site
    from snapdoctor.app.values import Value
    from snapdoctor.engines.engine import Launch

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
FOLDERS = frozenset("model models weights checkpoints checkpoint ckpt ckpts data assets cache root mnt vol opt app src home tmp".split())  # noqa: SIM905
FILE = re.compile(r"\.(gguf|safetensors|bin|pt|pth|ckpt|onnx|engine|plan|nemo|npz|json|ya?ml|tar|zip)$")
DOWNLOADERS = ("huggingface_hub.snapshot_download", "huggingface_hub.hf_hub_download", "modelscope.snapshot_download")
MODEL_FLAGS = ("--model", "--model-path", "--model-id", "--model-name-or-path", "-hf", "-hfr", "--hf-repo", "--model-tag")
# Bases that hold engines but no weights.
EMPTY_BASES = re.compile(
    r"^(?:docker\.io/)?(?:library/)?(?:nvidia/cuda|nvcr\.io/nvidia/(?:cuda|pytorch|tritonserver|tensorrt)|python|ubuntu|debian|pytorch/pytorch"
    r"|vllm/vllm-openai|lmsysorg/sglang|ghcr\.io/(?:ggml-org|ggerganov)/llama\.cpp|ghcr\.io/astral-sh/uv|ghcr\.io/huggingface/text-[\w-]+-inference"
    r"|ollama/ollama|mambaorg/micromamba|openmmlab/lmdeploy)(?::|@|$)"
)
FETCHES = re.compile(
    r"huggingface|\bhf\s|hub|download|from_pretrained|pretrained|\bwget\b|\bcurl\b|aria2|\bgit\s+lfs|gsutil|\bs3\b|rclone|gdown|\bpython3?\s|\.py\b|\.sh\b|ollama|modelscope|\0",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"apt(-get)?\b|pip3?\b|uv\b|git\s+clone\s+(-\S+\s+\S*\s*)*https://git(hub|lab)\.com/|ln\b|mkdir\b|rm\b|echo\b|ldconfig\b|chmod\b|cd\b"
)
STILL = frozenset(
    """
    debian_slim from_registry from_dockerfile micromamba apt_install pip_install uv_pip_install uv_sync pip_install_from_requirements
    pip_install_from_pyproject poetry_install_from_file pip_install_private_repos micromamba_install env entrypoint workdir shell cmd CMD
    ENTRYPOINT add_local_python_source add_local_file add_local_dir run_commands RUN dockerfile_commands imports
    """.split()  # noqa: SIM905
)
CACHES = ("HF_HUB_CACHE", "HF_HOME", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "XDG_CACHE_HOME")
OUTPUTS = re.compile(r"/(?:\w+[-_])?(outputs?|results?|logs?|uploads?|recordings?|metrics|traces?|generated|images|videos)/?$")

HF_DOWNLOAD = re.compile(r"(?:huggingface-cli|\bhf)\s+download\s+([^;&|]+)")
PYTHON_DOWNLOAD = re.compile(
    r"(?:snapshot_download|hf_hub_download|from_pretrained|SentenceTransformer|WhisperModel|CrossEncoder)\(\s*(?:repo_id\s*=\s*)?\\?['\"]([^'\"\\]+)"
    r"\\?['\"](?:\s*,\s*(?:filename\s*=\s*)?\\?['\"]([^'\"\\]+\.\w+)\\?['\"])?"
)
HUB_FILE = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+)/resolve/[^/\s]+/([^\s'\"?]+)")
HUB_CLONE = re.compile(r"clone\s+(?:-\S+\s+)*https://huggingface\.co/([\w.-]+/[\w.-]+)")


class Download(NamedTuple):
    """A model taken from the hub."""

    model: str
    """Repository id, or the engine's own name for a model."""
    file: str | None
    """The one file or pattern asked for, if not the whole repository."""
    site: Site
    event: Event | None = None
    """What asks for it at run time; None for a build step."""


def fetched(deployment: Deployment) -> list[Download]:
    """The models that a container asks the hub for by itself, in the order of its life."""
    return _asked(event for event in deployment.events if event.phase != model.EXIT)


def is_cached(deployment: Deployment, download: Download) -> bool | None:
    """Whether a Volume or the like is mounted where the download may land; None when unknown."""
    if deployment.option("network_file_systems").given is not False:
        return None
    mounts = deployment.volumes()
    if mounts is None or deployment.option("volumes").given is None:
        return None
    if not mounts:
        return False
    if not all(OUTPUTS.search(mount) for mount in mounts):
        return True
    return any(_set_to_mount(deployment, download, mounts, name) for name in CACHES)


def may_be_baked(image: Image) -> bool:
    """Whether a build step may have put weights into the image; True when the recipe is not wholly known."""
    if not image.complete or (image.tag is not None and not EMPTY_BASES.match(image.tag)):
        return True
    if any(step.method not in STILL or _copies_weights(step.method, step.arguments) for step in image.steps):
        return True
    if image.environment("HF_HUB_OFFLINE").given is not False:
        return True
    return any(_may_fetch(command) for command, _ in commands(image))


def baked(image: Image) -> list[Download]:
    """The models that build steps take from the hub into the image itself; those on a Volume are left out."""
    onto_volume = {id(step.site.node) for step in image.steps if step.arguments.get("volumes") is not None}
    found: list[Download] = []
    for step in image.find("run_commands", "RUN", "run_function"):
        if id(step.site.node) in onto_volume or step.conditional:
            continue
        found += [one for command, site in commands(image._replace(steps=(step,))) for one in _in_command(command, site)]
        found += _asked(step.events or ())
    return list({(one.model, one.file): one for one in found}.values())


def is_hub_id(name: str) -> bool:
    """Whether it reads as `organisation/model` and not as a path."""
    return HUB_ID.fullmatch(name) is not None and name.partition("/")[0].lower() not in FOLDERS and not FILE.search(name)


def _asked(events: Iterable[Event]) -> list[Download]:
    found = [_of_load(event) or _of_launch(event) or _of_call(event) for event in events if not event.conditional]
    return [one for one in found if one is not None]


def _of_load(event: Event) -> Download | None:
    load = event.load
    if event.kind != model.LOAD or load is None or constant(load.arguments.get("local_files_only")) is True:
        return None
    if load.model is not None:
        bare = BY_NAME[load.engine].bare_names and re.fullmatch(r"[\w.-]+", load.model) is not None and not FILE.search(load.model)
        return Download(load.model, _file(load.arguments), event.site, event) if bare or is_hub_id(load.model) else None
    owner, _, last = event.name.rpartition(".")
    named = {"ckpt_dir", "path", "local_path", "checkpoint", "model_path", "repo_id", "model"} & set(load.arguments.keywords)
    if last == "from_pretrained" and not load.arguments.positional and not load.arguments.open and not named:
        return Download(owner.rpartition(".")[2], None, event.site, event)
    return None


def _of_call(event: Event) -> Download | None:
    if event.kind != model.CALL or event.name not in DOWNLOADERS:
        return None
    repo = sketch(event.arguments.get("repo_id", 0))
    return Download(repo, _file(event.arguments), event.site, event) if repo is not None and is_hub_id(repo) else None


def _file(arguments: Arguments) -> str | None:
    for keyword in ("filename", "allow_patterns", "gguf_file"):
        value = arguments.get(keyword)
        if value is not None:
            return sketch(value) or "\0"
    return None


def _of_launch(event: Event) -> Download | None:
    launch = event.launch
    if event.kind != model.PROCESS or launch is None or launch.engine is None:
        return None
    named = served_model(launch)
    return Download(named, None, event.site, event) if named is not None and is_hub_id(named.partition(":")[0]) else None


def served_model(launch: Launch) -> str | None:
    """The model that a server's command line names, by flag or as the word after `serve`."""
    words = [None if isinstance(item, Spread) else sketch(item) for item in launch.argv]
    found: str | None = None
    for index, word in enumerate(words):
        if word is None:
            continue
        flag, equals, value = word.partition("=")
        if flag in MODEL_FLAGS:
            following = words[index + 1] if index + 1 < len(words) else None
            found = value if equals else following
    follows = BY_NAME[launch.engine].model_follows if launch.engine is not None else ""
    if found is None and follows and follows in words:
        rest = words[words.index(follows) + 1 :]
        found = next((word for word in rest if word is not None and is_hub_id(word)), None)
    return found


def _set_to_mount(deployment: Deployment, download: Download, mounts: dict[str, Value], name: str) -> bool:
    setting = deployment.environment(name, download.event)
    if setting.given is False:
        return False
    return not isinstance(setting.value, str) or any(setting.value.startswith(mount.rstrip("/")) for mount in mounts)


def _copies_weights(method: str, arguments: Arguments) -> bool:
    if method not in ("add_local_file", "add_local_dir"):
        return False
    told = [sketch(value) or "" for value in (*arguments.positional, *arguments.keywords.values())]
    return any(re.search(r"model|weight|checkpoint|ckpt|cache|\.gguf|\.safetensors", text, re.IGNORECASE) for text in told)


def _may_fetch(command: str) -> bool:
    return any(FETCHES.search(part) and not HARMLESS.match(part.strip()) for part in re.split(r"&&|\|\||;|\n", command))


def _in_command(command: str, site: Site) -> Iterator[Download]:
    for match in HF_DOWNLOAD.finditer(command):
        one = _hf_download(match[1], site)
        if one is not None:
            yield one
    for pattern in (PYTHON_DOWNLOAD, HUB_FILE):
        for match in pattern.finditer(command):
            yield Download(match[1], match[2], site)
    for match in HUB_CLONE.finditer(command):
        yield Download(match[1].removesuffix(".git"), None, site)


def _hf_download(rest: str, site: Site) -> Download | None:
    try:
        words = shlex.split(rest)
    except ValueError:
        words = rest.split()
    names: list[str] = []
    only: str | None = None
    index = 0
    while index < len(words):
        word = words[index]
        if word.startswith("--"):
            flag, equals, value = word.partition("=")
            following = value if equals else (words[index + 1] if index + 1 < len(words) else "")
            if flag in ("--repo-type", "--repo_type") and following != "model":
                return None
            only = following if flag == "--include" else only
            index += 1 if equals or flag in ("--quiet", "--force-download", "--resume-download") else 2
        else:
            names.append(word)
            index += 1
    if not names or not is_hub_id(names[0]):
        return None
    return Download(names[0], only or (names[1] if len(names) > 1 else None), site)
