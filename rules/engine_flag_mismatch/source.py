"""Find flags that the installed engine rejects, and settings that it ignores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model, questions
from snapdoctor.app.values import constant
from snapdoctor.engines import llama_server
from snapdoctor.engines.command import flag
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Site
    from snapdoctor.engines.engine import Engine, Launch, Option
    from snapdoctor.engines.version import Installed

BEFORE = (model.IMPORT, model.BEFORE)
FALSE = ("0", "false", "no", "off")
# Keywords that people give to Llama(...) in the command line's spelling; it drops what it does not know (llama-cpp-python 0.3.36).
MAPPING = {"no_mmap": "use_mmap=False", "mmap": "use_mmap=True or use_mmap=False", "load_mode": "use_mmap=False"}
LAYERS = {"ngl": "n_gpu_layers=-1", "gpu_layers": "n_gpu_layers=-1", "n_gpu_layer": "n_gpu_layers=-1", "n_layers": "n_gpu_layers=-1"}


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Every start of an engine in any phase; mapping settings that are only ignored matter under a snapshot."""
    for event in deployment.events:
        engine = questions.engine_of(event)
        if engine is None:
            continue
        if event.launch is not None:
            yield from _command(deployment, event, event.launch, engine)
        elif event.kind == model.LOAD and engine.name == "llama-cpp-python":
            yield from _swallowed(deployment, event)
        elif event.kind == model.LOAD and engine.name == "sglang":
            yield from _segments(deployment, event, constant(event.arguments.get("enable_memory_saver")) is True)


def _command(deployment: Deployment, event: Event, launch: Launch, engine: Engine) -> Iterator[Hazard]:
    installed = deployment.installed(engine.name)
    site = questions.command_site(deployment, event)
    yield from _misspelt(deployment, event, site, engine)
    for option in engine.options:
        if (option.since or option.until) and flag(launch, *option.names).present is True:
            yield from _outside_its_versions(deployment, event, site, option, installed)
    if engine.name == "llama-server" and flag(launch, *llama_server.LOAD_MODE.names).present is False:
        yield from _dead_variables(deployment, event, installed)
    if engine.name == "sglang":
        yield from _segments(deployment, event, flag(launch, "--enable-memory-saver").present is True)


def _outside_its_versions(deployment: Deployment, event: Event, site: Site, option: Option, installed: Installed) -> Iterator[Hazard]:
    """An option that the installed version does not have yet, or no longer; a warning where only the newest is known to lack it."""
    gone, missing = _lacks(option, installed)
    name = next((word for word in questions.words_of(event) if word in option.names), option.names[0])
    remedy = option.remedy or f"Write {option.replacement} instead."
    if gone or missing:
        yield Hazard(
            site,
            f"{option.why.format(name=name, version=_named(event, installed))}. {deployment.name} has nothing to capture.",
            remedy,
            confidence=questions.confidence(deployment, event),
            event=event,
            subject=name,
        )
    elif gone is None and installed.version is None and option.warn_unpinned:
        last = " or ".join(option.until)
        yield Hazard(
            site,
            f"{questions.title(event)} has had no {name} since {last}, and nothing here pins an older version: a new one exits with status 1.",
            f"Write {option.replacement} with versions from {last} on, or pin the version that {name} was written for.",
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
        )


def _lacks(option: Option, installed: Installed) -> tuple[bool | None, bool]:
    """Whether the option is gone (None: unknown), and whether it is surely not there yet."""
    if option.until == ("0",):
        return True, False
    newest = installed.floating is not None
    if installed.version is None:
        return (True if newest else None) if option.until else False, False
    gone = installed.version.reached(option.until) if option.until else False
    missing = installed.version.reached(option.absent_below or option.since) if option.since else None
    return gone, missing is False


def _named(event: Event, installed: Installed) -> str:
    engine = questions.title(event)
    if installed.version is not None:
        return f"{engine} {installed.version.text}"
    return f"the current {engine} under the floating tag {installed.floating}" if installed.floating else engine


def _misspelt(deployment: Deployment, event: Event, site: Site, engine: Engine) -> Iterator[Hazard]:
    """Words that the engine's parser rejects for their form alone; the first one is enough, since the server exits at it."""
    switches = {name for option in engine.options if option.switch for name in option.names}
    for word in questions.words_of(event):
        if word is None or not re.match(r"--[a-z]", word):
            continue
        name, equals, value = word.partition("=")
        problem = ""
        if equals and not engine.spelling.equals:
            problem, remedy = f"has no {name}=VALUE form: it rejects {word}", f"Give two words: {name} {value}."
        elif "_" in name and engine.spelling.underscores == "rejected":
            problem, remedy = f"rejects underscores in option names, here {name}", f"Write {name.replace('_', '-')}."
        elif equals and name in switches:
            problem, remedy = f"takes no value for its switch {name}: it rejects {word}", f"Write {name}."
        if problem:
            yield Hazard(
                site,
                f"{engine.title} {problem}, and the server of {deployment.name} exits before it has loaded anything.",
                remedy,
                confidence=questions.confidence(deployment, event),
            )
            return


def _dead_variables(deployment: Deployment, event: Event, installed: Installed) -> Iterator[Hazard]:
    rejects = llama_server.rejects_no_mmap(installed)
    if rejects is False or deployment.snapshot not in ("cpu", "gpu") or event.phase not in BEFORE:
        return
    if deployment.environment("LLAMA_ARG_LOAD_MODE", event).given is not False:
        return
    for name in llama_server.DEAD_VARIABLES:
        setting = deployment.environment(name, event)
        if setting.given is not True or (str(setting.value).lower() in FALSE) == (name == "LLAMA_ARG_NO_MMAP"):
            continue
        since = "This llama.cpp" if rejects else "llama.cpp since September 2026"
        yield Hazard(
            setting.site or event.site,
            f"{since} ignores {name} without a word, so the model of {deployment.name} stays mapped at the capture, and every restore needs its file unchanged.",
            "Set LLAMA_ARG_LOAD_MODE=none instead.",
            severity=Severity.WARNING,
            confidence=questions.confidence(deployment, event) if rejects else Confidence.LIKELY,
            related=((event.site, "the server starts here"),),
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
            f"Llama(...) has no argument {keyword} and drops it without a word: {effect}.",
            f"Write {right}.",
            severity=Severity.WARNING,
            confidence=questions.confidence(deployment, event),
        )


def _segments(deployment: Deployment, event: Event, saver: bool) -> Iterator[Hazard]:
    """torch_memory_saver refuses expandable segments; it looks at this variable only."""
    setting = deployment.environment("PYTORCH_CUDA_ALLOC_CONF", event)
    if saver and setting.given is True and isinstance(setting.value, str) and re.search(r"expandable_segments:\s*True", setting.value):
        yield Hazard(
            setting.site or event.site,
            f"SGLang's memory saver refuses expandable_segments:True by its source: expect the server of {deployment.name} to end with a RuntimeError at start.",
            "Take expandable_segments out of PYTORCH_CUDA_ALLOC_CONF for this deployment.",
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
            related=((event.site, "the engine starts here, with its memory saver on"),),
        )
