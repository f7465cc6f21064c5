"""NVIDIA NeMo: checkpoints restored in process, on the GPU when there is one."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="nemo",
    title="NeMo",
    package="nemo-toolkit",
    images=(r"nvidia/nemo:(\d[\w.]*|)",),
    repositories=("NVIDIA/NeMo", "NVIDIA-NeMo/NeMo"),
    loads=("nemo.*.from_pretrained", "nemo.*.restore_from"),
    device="auto",
    calls=("transcribe", "generate", "forward"),
)
