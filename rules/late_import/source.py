"""Imports that a restored container repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.questions import confidence
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

HEAVY = frozenset(
    [
        "torch",
        "torchvision",
        "torchaudio",
        "transformers",
        "diffusers",
        "vllm",
        "sglang",
        "llama_cpp",
        "sentence_transformers",
        "faster_whisper",
        "ctranslate2",
        "whisper",
        "tensorflow",
        "jax",
        "onnxruntime",
        "nemo",
        "TTS",
        "librosa",
        "cv2",
        "scipy",
        "sklearn",
        "pandas",
        "accelerate",
        "peft",
        "timm",
        "open_clip",
        "ultralytics",
        "bitsandbytes",
        "xformers",
        "fastembed",
        "lmdeploy",
    ]
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield one hazard for each heavy library first imported after the capture, and for fastapi left to the runtime."""
    if deployment.snapshot not in ("cpu", "gpu") or deployment.kind == "mixin":
        return
    early = {event.name.partition(".")[0] for event in deployment.find(model.IMPORTED, phases=(model.IMPORT, model.BEFORE))}
    for event in deployment.find(model.IMPORTED, phases=(model.AFTER, model.REQUEST)):
        top = event.name.partition(".")[0]
        own = event.site.module is deployment.module
        if top in HEAVY and top not in early and own and not event.conditional and not event.handler:
            early.add(top)
            yield Hazard(
                event.site,
                f"{top} is imported in {event.hook}, after the snapshot of {deployment.name}: every restored container imports it again.",
                f"Import {top} at the top of the module, or inside `with image.imports():` if it is not installed where you deploy from.",
                confidence=confidence(deployment, event),
            )
    yield from _fastapi(deployment, early)


def _fastapi(deployment: Deployment, early: set[str]) -> Iterator[Hazard]:
    hook = next((hook for hook in deployment.hooks if hook.kind == "fastapi_endpoint"), None)
    opaque = any(True for _ in deployment.find(model.OPAQUE, phases=(model.IMPORT,)))
    if hook is None or hook.inherited or early & {"fastapi", "starlette", "gradio"} or opaque:
        return
    yield Hazard(
        hook.site,
        f"Modal imports fastapi for {hook.name} itself, after the snapshot of {deployment.name}, unless the module has done so: about 0.6 s in every restored container.",
        "Add `import fastapi` at the top of the module (inside `with image.imports():` if it is not installed where you deploy from).",
        confidence=Confidence.LIKELY,
    )
