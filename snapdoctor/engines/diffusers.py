"""diffusers: pipelines in process, loaded on the CPU and moved (facts/engines.md E)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="diffusers",
    title="diffusers",
    package="diffusers",
    repositories=("huggingface/diffusers",),
    loads=("diffusers.*.from_pretrained", "diffusers.*.from_single_file", "diffusers.*.from_pipe"),
    device="cpu",
    calls=("__call__",),
    warm_up='{model}(prompt="warm up", num_inference_steps=2)',
    safetensors=True,
    samples=True,
)
