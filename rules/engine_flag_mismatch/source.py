"""Find flags that the installed engine rejects, and settings that it ignores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.app.values import Sequence, constant
from snapdoctor.engines import llama_cpp
from snapdoctor.engines.command import flag
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Site
    from snapdoctor.engines.engine import Launch, Version

BEFORE = (model.IMPORT, model.BEFORE)
FALSE = ("0", "false", "no", "off")
# What a removed flag is called under --load-mode.
MODES = {"--no-mmap": "none", "--mmap": "mmap", "--mlock": "mlock", "--direct-io": "dio", "--no-direct-io": "auto"}
# Keywords that people give to Llama(...) in the command line's spelling; it drops what it does not know (llama-cpp-python 0.3.36).
MAPPING = {"no_mmap": "use_mmap=False", "mmap": "use_mmap=True or use_mmap=False", "load_mode": "use_mmap=False"}
LAYERS = {"ngl": "n_gpu_layers=-1", "gpu_layers": "n_gpu_layers=-1", "n_gpu_layer": "n_gpu_layers=-1", "n_layers": "n_gpu_layers=-1"}
SGLANG_SWITCHES = (
    "--enable-memory-saver",
    "--enable-weights-cpu-backup",
    "--skip-server-warmup",
    "--trust-remote-code",
    "--enable-torch-compile",
    "--disable-cuda-graph",
)
SGLANG_IMAGE = re.compile(r"(?:lmsysorg|sglang)/sglang:v?(\d[\w.]*)")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Every start of llama.cpp or SGLang in any phase; mapping settings that are only ignored matter under a snapshot."""
    for event in deployment.events:
        launch = event.launch
        if launch is not None and launch.engine == "llama-server":
            yield from _llama_server(deployment, event, launch)
        elif launch is not None and launch.engine == "llama-cpp-python":
            yield from _python_server(deployment, event, launch)
        elif launch is not None and launch.engine == "sglang":
            yield from _sglang(deployment, event, launch)
        elif event.kind == model.LOAD and event.load is not None and event.load.engine == "llama-cpp-python":
            yield from _swallowed(deployment, event)
        elif event.kind == model.LOAD and event.load is not None and event.load.engine == "sglang":
            yield from _segments(deployment, event, constant(event.arguments.get("enable_memory_saver")) is True)


def _llama_server(deployment: Deployment, event: Event, launch: Launch) -> Iterator[Hazard]:
    tag = deployment.image.tag
    version = llama_cpp.version_of(tag, tuple(command for command, _ in deployment.image.commands()))
    floating = llama_cpp.floats(tag)
    site = _command_site(deployment, event)
    yield from _with_equals(deployment, event, launch, site)
    for name in llama_cpp.REMOVED_FLAGS:
        if flag(launch, name, underscores=True).present is True:
            yield from _removed(deployment, event, site, name, version, floating)
    mode = flag(launch, "--load-mode", "-lm", underscores=True)
    if mode.present is True and version is not None and llama_cpp.knows_load_mode(version, floating) is False:
        yield Hazard(
            site,
            f"llama.cpp {version.text} of {deployment.name} does not know --load-mode: the server exits before it has loaded anything",
            f"Use {llama_cpp.spelling(version, floating)} with this build, or pin one from September 2026 or later",
            confidence=questions.confidence(deployment, event),
        )
    if mode.present is False:
        yield from _dead_variables(deployment, event, version, floating)


def _removed(deployment: Deployment, event: Event, site: Site, name: str, version: Version | None, floating: bool) -> Iterator[Hazard]:
    rejects = llama_cpp.rejects_no_mmap(version, floating)
    remedy = f"--load-mode {MODES[name]}"
    if rejects:
        build = f"llama.cpp {version.text}" if version is not None else f"the current build under the floating tag {deployment.image.tag}"
        yield Hazard(
            site,
            f"{name} is gone from {build}: the server of {deployment.name} says 'invalid argument' and exits with status 1, so there is nothing to capture",
            f"Write {remedy} instead",
            confidence=questions.confidence(deployment, event),
        )
    elif rejects is None:
        yield Hazard(
            site,
            f"{name} is gone from llama.cpp since September 2026 (b10884, 0.4.1), and nothing here pins an older build: a new one exits with status 1",
            f"Write {remedy} with builds from September 2026 on, or pin the build that {name} was written for",
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
        )


def _with_equals(deployment: Deployment, event: Event, launch: Launch, site: Site) -> Iterator[Hazard]:
    del launch
    for word in questions.words_of(event):
        if word is not None and re.match(r"--[a-z][\w-]*=", word):
            name, _, value = word.partition("=")
            yield Hazard(
                site,
                f"llama-server has no {name}=VALUE form: it rejects {word}, and the server of {deployment.name} exits with status 1",
                f"Give two words: {name} {value}",
                confidence=questions.confidence(deployment, event),
            )
            return


def _dead_variables(deployment: Deployment, event: Event, version: Version | None, floating: bool) -> Iterator[Hazard]:
    rejects = llama_cpp.rejects_no_mmap(version, floating)
    if rejects is False or deployment.snapshot not in ("cpu", "gpu") or event.phase not in BEFORE:
        return
    if deployment.environment("LLAMA_ARG_LOAD_MODE", event).given is not False:
        return
    for name in llama_cpp.DEAD_VARIABLES:
        setting = deployment.environment(name, event)
        if setting.given is not True or (str(setting.value).lower() in FALSE) == (name == "LLAMA_ARG_NO_MMAP"):
            continue
        since = "This llama.cpp" if rejects else "llama.cpp since September 2026"
        yield Hazard(
            setting.site or event.site,
            f"{since} ignores {name} without a word, so the model of {deployment.name} stays mapped at the capture, and every restore needs its file unchanged",
            "Set LLAMA_ARG_LOAD_MODE=none instead",
            severity=Severity.WARNING,
            confidence=questions.confidence(deployment, event) if rejects else Confidence.LIKELY,
            related=((event.site, "the server starts here"),),
        )


def _python_server(deployment: Deployment, event: Event, launch: Launch) -> Iterator[Hazard]:
    for name in ("--no-mmap", "--load-mode"):
        if flag(launch, name, underscores=True).present is True:
            yield Hazard(
                _command_site(deployment, event),
                f"{name} belongs to llama-server; llama_cpp.server rejects it and exits with status 2, so {deployment.name} has no server to capture",
                "Write --use_mmap false instead",
                confidence=questions.confidence(deployment, event),
            )


def _swallowed(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    captured = deployment.snapshot in ("cpu", "gpu") and event.phase in BEFORE
    for keyword, right in {**MAPPING, **LAYERS}.items():
        if keyword not in event.arguments.keywords or (keyword in MAPPING and not captured):
            continue
        mapped = f"the model of {deployment.name} stays mapped at the capture, and every restore needs its file unchanged"
        effect = mapped if keyword in MAPPING else "without n_gpu_layers every layer stays on the CPU"
        yield Hazard(
            event.arguments.site(keyword) or event.site,
            f"Llama(...) has no argument {keyword} and drops it without a word: {effect}",
            f"Write {right}",
            severity=Severity.WARNING,
            confidence=questions.confidence(deployment, event),
        )


def _sglang(deployment: Deployment, event: Event, launch: Launch) -> Iterator[Hazard]:
    site = _command_site(deployment, event)
    version = _sglang_version(deployment)
    confidence = questions.confidence(deployment, event)
    dead = "and exits before it has loaded anything"
    if flag(launch, "--cuda-graph-max-bs").present is True and version is not None and not version.below(0, 5, 15):
        said = f"SGLang {version.text} has split --cuda-graph-max-bs in two: it calls the old name ambiguous {dead}"
        yield Hazard(
            site, said, "Write --cuda-graph-max-bs-decode (and --cuda-graph-max-bs-prefill, if you want both)", confidence=confidence
        )
    if flag(launch, "--enable-cpu-backup").present is True:
        yield Hazard(site, f"SGLang has no flag --enable-cpu-backup {dead}", "Write --enable-weights-cpu-backup", confidence=confidence)
    if flag(launch, "--enable-weights-cpu-backup").present is True and version is not None and version.below(0, 5, 3):
        said = f"SGLang {version.text} does not know --enable-weights-cpu-backup, which came with 0.5.3, {dead}"
        yield Hazard(site, said, "Pin SGLang 0.5.3 or later", confidence=confidence)
    for word in questions.words_of(event):
        if word is None or not word.startswith("--"):
            continue
        name, equals, _ = word.partition("=")
        if "_" in name:
            yield Hazard(
                site,
                f"SGLang rejects underscores in option names, here {name}, {dead}",
                f"Write {name.replace('_', '-')}",
                confidence=confidence,
            )
        elif equals and name in SGLANG_SWITCHES:
            yield Hazard(
                site, f"SGLang's {name} is a switch and takes no value: it rejects {word} {dead}", f"Write {name}", confidence=confidence
            )
    yield from _segments(deployment, event, flag(launch, "--enable-memory-saver", prefix="--enable-mem").present is True)


def _segments(deployment: Deployment, event: Event, saver: bool) -> Iterator[Hazard]:
    """torch_memory_saver refuses expandable segments; it looks at this variable only."""
    setting = deployment.environment("PYTORCH_CUDA_ALLOC_CONF", event)
    if saver and setting.given is True and isinstance(setting.value, str) and re.search(r"expandable_segments:\s*True", setting.value):
        yield Hazard(
            setting.site or event.site,
            f"SGLang's memory saver refuses expandable_segments:True by its source: expect the server of {deployment.name} to end with a RuntimeError at start",
            "Take expandable_segments out of PYTORCH_CUDA_ALLOC_CONF for this deployment",
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
            related=((event.site, "the engine starts here, with its memory saver on"),),
        )


def _sglang_version(deployment: Deployment) -> Version | None:
    from snapdoctor.engines.engine import Version

    pinned = deployment.version("sglang")
    match = SGLANG_IMAGE.search(deployment.image.tag or "")
    return pinned if pinned is not None or match is None else Version.parse(match[1])


def _command_site(deployment: Deployment, event: Event) -> Site:
    """The list that holds the command, where it stands in the app's own file; else the call."""
    command = event.arguments.get("args", 0)
    if isinstance(command, Sequence) and command.site is not None and command.site.module is deployment.module:
        return command.site
    return event.site
