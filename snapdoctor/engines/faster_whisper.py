"""faster-whisper and CTranslate2: in process, files read into memory (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="faster-whisper",
    title="faster-whisper (CTranslate2)",
    package="faster-whisper",
    libraries=("libctranslate2",),
    repositories=("SYSTRAN/faster-whisper", "OpenNMT/CTranslate2"),
    loads=(
        "faster_whisper.WhisperModel",
        "faster_whisper.BatchedInferencePipeline",
        "ctranslate2.Generator",
        "ctranslate2.Translator",
        "ctranslate2.Encoder",
        "ctranslate2.models.Whisper",
        "whisperx.load_model",
    ),
    device="auto",
    calls=("transcribe", "translate_batch", "generate_batch", "generate"),
    bare_names=True,
)
