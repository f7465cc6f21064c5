"""transformers: in process, on the CPU unless told (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="transformers",
    title="transformers",
    package="transformers",
    repositories=("huggingface/transformers",),
    loads=("transformers.pipeline", "transformers.pipelines.pipeline", "transformers.*.from_pretrained"),
    device="cpu",
    calls=("__call__", "generate", "forward"),
    safetensors=True,
    samples=True,
)
