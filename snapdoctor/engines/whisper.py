"""openai-whisper: in process, on the GPU when there is one."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="whisper",
    title="openai-whisper",
    package="openai-whisper",
    repositories=("openai/whisper",),
    loads=("whisper.load_model",),
    device="auto",
    calls=("transcribe",),
    bare_names=True,
)
