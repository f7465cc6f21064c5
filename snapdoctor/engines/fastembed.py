"""fastembed: ONNX models in process, on the CPU unless told."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="fastembed",
    title="fastembed",
    package="fastembed",
    repositories=("qdrant/fastembed",),
    loads=("fastembed.TextEmbedding", "fastembed.SparseTextEmbedding", "fastembed.*.TextCrossEncoder"),
    device="cpu",
    calls=("embed", "query_embed", "rerank"),
    bare_names=True,
)
