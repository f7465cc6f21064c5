"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "CUDA Error: out of memory at",
        "vLLM could not wake up: there was not enough free GPU memory to put the weights back.",
        "Free GPU memory before wake_up, or lower --gpu-memory-utilization; check that it slept exactly once.",
        "reported: vllm-project/vllm #12981",
        also="cumem_allocator.cpp",
        rank=CAUSE,
    ),
)
