"""sentence-transformers: in process, on the GPU when there is one (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="sentence-transformers",
    title="sentence-transformers",
    package="sentence-transformers",
    repositories=("UKPLab/sentence-transformers", "huggingface/sentence-transformers"),
    loads=("sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "sentence_transformers.SparseEncoder"),
    device="auto",
    calls=("encode", "encode_query", "encode_document", "predict", "rank"),
    warm_up='{model}.encode("hello " * words)',
    bare_names=True,
    safetensors=True,
)
