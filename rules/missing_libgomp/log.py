"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "libgomp.so.1: cannot open shared object file",
        "llama.cpp needs libgomp.so.1 and the image does not have it: the container stops before there is anything to snapshot.",
        'Add .apt_install("libgomp1") to the image.',
        "reported: package-level reports; the article's error catalogue",
        rank=CAUSE,
    ),
    Signature(
        "libgomp.so.1 not found",
        "llama.cpp needs libgomp.so.1 and the image does not have it: the container stops before there is anything to snapshot.",
        'Add .apt_install("libgomp1") to the image.',
        "reported: the article's error catalogue",
        rank=CAUSE,
    ),
)
