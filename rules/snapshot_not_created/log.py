"""Texts that it leaves in logs."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

SIGNATURES = (
    Signature(
        "Failed creating function container snapshot:",
        "The snapshot could not be made.",
        "Read the tail of the line: it is the container runtime's own message.",
        "reported: google/gvisor #10788",
    ),
    Signature(
        "save rejected due to unsupported networking state",
        "The snapshot could not be saved: a TCP connection was open, or closed a moment ago (gVisor before 2024-10).",
        "Close connections before the hook ends.",
        "reported: google/gvisor #113, #10788",
        rank=CAUSE,
    ),
    Signature(
        "encoding error at object iouringfs.FileDescription",
        "The snapshot could not be saved: an io_uring descriptor was open (gVisor of 2022).",
        "Switch io_uring off in the library that uses it, such as UV_USE_IO_URING=0 for libuv.",
        "measured: gVisor runsc 2022-12",
        rank=CAUSE,
    ),
    Signature(
        "Cannot save endpoint with bound host socket",
        "The snapshot could not be saved: a UNIX socket file lies on a mount of the host.",
        "Bind it under /tmp, or use an abstract name.",
        "measured: gVisor",
        rank=CAUSE,
    ),
    Signature(
        "no host FD available for",
        "The snapshot could not be saved while a shell was open in the container (gVisor before 2025-03).",
        "Leave the container's shell before the snapshot is taken.",
        "reported: google/gvisor #11439",
        rank=CAUSE,
    ),
)
