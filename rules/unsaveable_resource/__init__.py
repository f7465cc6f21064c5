"""Something that the container's runtime cannot save."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP607",
    name="unsaveable-resource",
    summary="A process holds something that the container's runtime cannot save, so the capture fails as a whole.",
    severity=Severity.ERROR,
    evidence=(
        Evidence(
            "measured",
            "gVisor of 2022-12 refuses deleted files, a deleted working directory, TCP sockets in an epoll set and io_uring; 2025-12 and 2026-08 save "
            "the first three and do not offer the last; CRIU 4.2 refuses io_uring, userfaultfd, perf_event and bpf descriptors (114 programs each)",
        ),
        Evidence(
            "source", "gVisor cannot save descriptors of /dev/net/tun, /dev/fuse and RDMA devices (pkg/tcpip/link/tun, pkg/sentry/devices)"
        ),
        Evidence("reported", "/dev/gdrdrv stands in the way of a checkpoint", "https://github.com/NVIDIA/nvcf/issues/465"),
    ),
)
