"""Open sockets by inode: `/proc/PID/net/*`, and over the socket diagnosis of Linux the peers of UNIX sockets."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container import procfs
from snapdoctor.container.model import Socket

if TYPE_CHECKING:
    from collections.abc import Iterator

# include/net/tcp_states.h
STATES = {
    1: "established", 2: "syn-sent", 3: "syn-received", 4: "fin-wait-1", 5: "fin-wait-2", 6: "time-wait", 7: "closed", 8: "close-wait",
    9: "last-ack", 10: "listen", 11: "closing", 12: "syn-received",
}  # fmt: skip
KINDS = {1: "stream", 2: "datagram", 3: "raw", 5: "seqpacket"}
UNIX_LISTENS = 0x10000
INTERNET = (
    ("tcp", "inet", "stream"),
    ("tcp6", "inet6", "stream"),
    ("udp", "inet", "datagram"),
    ("udp6", "inet6", "datagram"),
    ("raw", "inet", "raw"),
)
TABLES = (*(name for name, _, _ in INTERNET), "unix", "netlink", "packet")


class Peers(NamedTuple):
    """UNIX sockets and their other ends, by inode."""

    known: bool
    """Whether the kernel answered at all."""
    ends: dict[int, int]


def table(pid: int) -> tuple[dict[int, Socket], list[str]]:
    """Every socket of a process's network by inode, and the tables that are not shown here."""
    found: dict[int, Socket] = {}
    missing = []
    for name in TABLES:
        try:
            text = procfs.read(pid, f"net/{name}")
        except (procfs.Gone, procfs.Unseen):
            missing.append(name)
            continue
        found.update(parsed(name, text))
    return found, missing


def parsed(name: str, text: bytes) -> Iterator[tuple[int, Socket]]:
    """The sockets of one table by inode."""
    lines = text.decode("utf-8", "replace").splitlines()[1:]
    for table_name, family, kind in INTERNET:
        if table_name == name:
            yield from _internet(lines, family, kind)
    if name == "unix":
        yield from _unix(lines)
    elif name == "netlink":
        yield from _plain(lines, "netlink", 9)
    elif name == "packet":
        yield from _plain(lines, "packet", 8)


def _internet(lines: list[str], family: str, kind: str) -> Iterator[tuple[int, Socket]]:
    for line in lines:
        fields = line.split()
        if len(fields) < 10:
            continue
        local, remote = _address(fields[1]), _address(fields[2])
        state = STATES.get(int(fields[3], 16), "") if kind == "stream" else "bound"
        if kind != "stream" and int(fields[3], 16) == 1:
            state = "established"
        outside = not is_local(remote, local) if state not in ("listen", "bound", "closed") else False
        yield int(fields[9]), Socket(family, kind, state, local, "" if state in ("listen", "bound") else remote, outside)


def _address(text: str) -> str:
    """`0100007F:1F90` and its IPv6 form: words of 32 bits in the machine's order."""
    address, _, port = text.partition(":")
    packed = b"".join(struct.pack("=I", int(address[start : start + 8], 16)) for start in range(0, len(address), 8))
    shown = ipaddress.ip_address(packed)
    mapped = getattr(shown, "ipv4_mapped", None)
    host = str(mapped or shown)
    return f"[{host}]:{int(port, 16)}" if ":" in host else f"{host}:{int(port, 16)}"


def is_local(remote: str, local: str) -> bool:
    """Whether the other end is on this machine: a loopback address, or our own address again."""
    host, own = _host(remote), _host(local)
    return host == own or ipaddress.ip_address(host).is_loopback


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _unix(lines: list[str]) -> Iterator[tuple[int, Socket]]:
    for line in lines:
        fields = line.split(None, 7)
        if len(fields) < 7:
            continue
        listens = int(fields[3], 16) & UNIX_LISTENS
        state = "listen" if listens else ("established" if int(fields[5], 16) == 3 else "bound" if len(fields) > 7 else "unconnected")
        name = fields[7] if len(fields) > 7 else ""
        yield int(fields[6]), Socket("unix", KINDS.get(int(fields[4], 16), ""), state, name, "", None if state == "established" else False)


def _plain(lines: list[str], family: str, inode: int) -> Iterator[tuple[int, Socket]]:
    for line in lines:
        fields = line.split()
        if len(fields) > inode and fields[inode].isdigit():
            yield int(fields[inode]), Socket(family, "raw", "bound", "", "", False)


def unix_peers() -> Peers:
    """The other end of every connected UNIX socket of this network, asked of the kernel (sock_diag(7)); gVisor does not answer."""
    request = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, 4, 0xFFFFFFFF, 0xFFFFFFFF)
    header = struct.pack("=IHHII", 16 + len(request), 20, 0x301, 1, 0)
    ends: dict[int, int] = {}
    try:
        with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)) as asked:
            asked.settimeout(0.5)
            asked.send(header + request)
            while True:
                answer = asked.recv(1 << 18)
                if _take(answer, ends):
                    return Peers(True, ends)
    except (OSError, struct.error):
        return Peers(False, {})


def _take(answer: bytes, ends: dict[int, int]) -> bool:
    """Read the messages of one answer; True at the end of the dump."""
    offset = 0
    while offset + 16 <= len(answer):
        length, kind = struct.unpack_from("=IH", answer, offset)
        if kind == 3:
            return True
        if kind == 2:
            raise OSError("the kernel refused")
        inode = struct.unpack_from("=I", answer, offset + 20)[0]
        at = offset + 32
        while at + 4 <= offset + length:
            size, attribute = struct.unpack_from("=HH", answer, at)
            if attribute == 2:
                ends[inode] = struct.unpack_from("=I", answer, at + 4)[0]
            at += max((size + 3) & ~3, 4)
        offset += max((length + 3) & ~3, 16)
    return False
