"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "nvidia driver version changed during restore",
        "The driver of this host differs from the one at the capture.",
        "Nothing to do in the app: a new snapshot is made for this kind of machine.",
        "source: gVisor, nvproxy",
        rank=CAUSE,
    ),
    Signature(
        "unsupported Nvidia driver version",
        "The container runtime does not know the driver of this host.",
        "Nothing to do in the app: report it to Modal.",
        "source: gVisor, nvproxy",
        rank=CAUSE,
    ),
    Signature(
        "incompatible FeatureSet",
        "The CPU of this host lacks a feature of the one at the capture.",
        "Nothing to do in the app: a new snapshot is made for this kind of machine.",
        "reported: google/gvisor #11486",
        rank=CAUSE,
    ),
)
