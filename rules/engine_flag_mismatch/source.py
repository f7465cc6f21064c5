"""Flags by engine version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import engine_starts, model_loads, words_of
from snapdoctor.engines import llama_cpp
from snapdoctor.engines.command import flag
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

SWALLOWED = ("no_mmap", "mmap", "load_mode", "gpu_layers", "ngl", "n_gpu_layer", "no_warmup")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for each flag or keyword that the engine version of the image will not take."""
    for event in engine_starts(deployment):
        name = event.launch.engine if event.launch is not None else None
        if name == "llama-server":
            yield from _llama_server(deployment, event)
        elif name == "sglang":
            yield from _sglang(deployment, event)
        elif name == "llama-cpp-python" and "--no-mmap" in words_of(event):
            yield _hazard(event, "llama_cpp.server has no --no-mmap and exits with status 2", "Write --use_mmap False.")
    for event in model_loads(deployment):
        if event.load is not None and event.load.engine == "llama-cpp-python":
            yield from _llama(event)


def _llama_server(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    if event.launch is None:
        return
    tag = deployment.image.tag
    floating = llama_cpp.floats(tag)
    version = llama_cpp.version_of(tag, tuple(command for command, _ in deployment.image.commands()))
    rejects = llama_cpp.rejects_no_mmap(version, floating)
    build = version.text if version is not None else ("a floating image tag" if floating else "an unpinned build")
    for old in llama_cpp.REMOVED_FLAGS:
        if flag(event.launch, old, underscores=True).present is True and rejects is not False:
            instead = {"--mlock": "--load-mode mlock", "--direct-io": "--load-mode dio", "--mmap": "--load-mode mmap"}.get(old, "--load-mode none")
            yield Hazard(
                event.site,
                f"llama-server refuses {old} since build b10884 (release 0.4.1, September 2026) and exits at once; {deployment.name} runs {build}.",
                f"Write {instead}, or pin an older build if you must keep {old}.",
                severity=None if rejects else Severity.WARNING,
                confidence=Confidence.CERTAIN if version is not None else Confidence.LIKELY,
            )
    if flag(event.launch, "--load-mode", "-lm", underscores=True).present is True:
        if llama_cpp.knows_load_mode(version, floating) is False:
            yield _hazard(event, f"llama-server {build} does not know --load-mode yet and exits at once", "Write --no-mmap for this build, or pin a build from September 2026 on.")
        elif any((word or "").startswith("--load-mode=") for word in words_of(event)):
            yield _hazard(event, "llama-server has no --load-mode=VALUE form and exits at once", "Write the value as a word of its own: --load-mode none.")
    if rejects:
        yield from _dead_variables(deployment, event)


def _dead_variables(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    for name in llama_cpp.DEAD_VARIABLES:
        setting = deployment.environment(name, event)
        if setting.given is True and setting.site is not None:
            yield Hazard(
                setting.site,
                f"llama-server ignores {name} without a word since September 2026, so the model of {deployment.name} stays memory-mapped.",
                "Set LLAMA_ARG_LOAD_MODE=none, or pass --load-mode none.",
                severity=Severity.WARNING,
            )


def _sglang(deployment: Deployment, event: Event) -> Iterator[Hazard]:
    version = deployment.version("sglang") or _sglang_of_image(deployment)
    words = words_of(event)
    if "--enable-cpu-backup" in words:
        yield _hazard(event, "SGLang has no flag --enable-cpu-backup", "Write --enable-weights-cpu-backup.")
    if version is None:
        return
    if version.numbers >= (0, 5, 15) and any((word or "").partition("=")[0] == "--cuda-graph-max-bs" for word in words):
        yield _hazard(event, f"SGLang {version.text} exits on --cuda-graph-max-bs: the name became ambiguous", "Write --cuda-graph-max-bs-decode (and -prefill).")
    if version.below(0, 5, 3) and "--enable-weights-cpu-backup" in words:
        yield _hazard(event, f"SGLang {version.text} does not know --enable-weights-cpu-backup", "Use SGLang 0.5.3 or newer.")


def _sglang_of_image(deployment: Deployment) -> model.Any:
    from snapdoctor.engines.engine import Version

    tag = deployment.image.tag
    return Version.parse(tag.rpartition(":")[2]) if tag is not None and "sglang" in tag and "\0" not in tag else None


def _llama(event: Event) -> Iterator[Hazard]:
    for name in SWALLOWED:
        if name in event.arguments.keywords:
            instead = {"no_mmap": "use_mmap=False", "mmap": "use_mmap=...", "load_mode": "use_mmap=False"}.get(name, "n_gpu_layers=-1")
            yield Hazard(
                event.arguments.site(name) or event.site,
                f"Llama() has no argument {name}: it is accepted and dropped, so it changes nothing.",
                f"Write {instead}.",
                severity=Severity.WARNING,
            )


def _hazard(event: Event, problem: str, remedy: str) -> Hazard:
    return Hazard(event.site, f"{problem}.", remedy)
