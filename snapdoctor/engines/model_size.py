"""Estimate the size of a model's weights from its name. An estimate, and said to be one."""

from __future__ import annotations

import re
from typing import NamedTuple

PARAMETERS = re.compile(r"(?<![A-Za-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)
EFFECTIVE = re.compile(r"-A\d+(?:\.\d+)?B\b", re.IGNORECASE)
# Bytes for each parameter by what the name says of the weights' type; GGUF quants by their usual bits (llama.cpp quantize table).
BYTES = (
    (re.compile(r"IQ1|Q1_", re.IGNORECASE), 0.22, "1-bit quantisation"), (re.compile(r"IQ2|Q2_", re.IGNORECASE), 0.33, "2-bit quantisation"),
    (re.compile(r"IQ3|Q3_", re.IGNORECASE), 0.45, "3-bit quantisation"), (re.compile(r"IQ4|Q4_|4bit|int4|w4a16|awq|gptq|nf4|fp4|mxfp4", re.IGNORECASE), 0.6, "4-bit weights"),
    (re.compile(r"Q5_", re.IGNORECASE), 0.7, "5-bit quantisation"), (re.compile(r"Q6_", re.IGNORECASE), 0.82, "6-bit quantisation"),
    (re.compile(r"Q8_|8bit|int8|fp8|w8a8", re.IGNORECASE), 1.06, "8-bit weights"), (re.compile(r"fp32|f32", re.IGNORECASE), 4.0, "32-bit weights"),
)  # fmt: skip
KNOWN = {
    "black-forest-labs/flux.1-dev": 34.0, "black-forest-labs/flux.1-schnell": 34.0, "black-forest-labs/flux.2-klein-9b": 34.0,
    "black-forest-labs/flux.2-klein-4b": 16.0, "stabilityai/stable-diffusion-xl-base-1.0": 7.0, "openai/whisper-large-v3": 3.1,
    "openai/whisper-large-v3-turbo": 1.6, "baai/bge-m3": 2.3,
}  # fmt: skip


class Size(NamedTuple):
    """An estimate."""

    gigabytes: float
    basis: str
    """What it rests on, to be told."""


def estimate(name: str) -> Size | None:
    """Weights of a model id or file name in GB (1e9 bytes); None when the name says nothing."""
    known = KNOWN.get(name.lower())
    if known is not None:
        return Size(known, "the published files")
    match = PARAMETERS.search(EFFECTIVE.sub("", name.rpartition("/")[2]))
    if match is None:
        return None
    count = float(match[2]) * (int(match[1]) if match[1] else 1) * (1.0 if match[3].lower() == "b" else 0.001)
    if not 0.05 <= count <= 2000:
        return None
    for pattern, size, words in BYTES:
        if pattern.search(name):
            return Size(count * size, f"{count:g} billion parameters with {words}")
    return Size(count * 2, f"{count:g} billion parameters of 16 bits")
