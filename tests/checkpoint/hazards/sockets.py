"""Sockets of every kind and state."""

from __future__ import annotations

import os
import select
import socket
import struct
from pathlib import Path

from .hazard import Steps, hazard, same_if

PATIENCE = 5.0
"""Seconds to wait for bytes that should be there."""


def listener(address: str = "127.0.0.1") -> socket.socket:
    server = socket.socket()
    server.bind((address, 0))
    server.listen(5)
    return server


def loopback() -> tuple[socket.socket, socket.socket]:
    """Both ends of a TCP connection."""
    server = listener()
    client = socket.create_connection(server.getsockname(), PATIENCE)
    accepted, _ = server.accept()
    accepted.settimeout(PATIENCE)
    return client, accepted


def receive(connection: socket.socket, size: int) -> bytes:
    """`size` bytes, or as many as came."""
    got = b""
    while len(got) < size and (more := connection.recv(size - len(got))):
        got += more
    return got


@hazard
def tcp_listener(folder: Path) -> Steps:
    """A server that is accepted on after the restore."""
    server = listener()
    yield {"port": server.getsockname()[1]}
    client = socket.create_connection(server.getsockname(), PATIENCE)
    accepted, _ = server.accept()
    accepted.sendall(b"hi")
    return same_if(receive(client, 2) == b"hi", "no answer")


@hazard
def tcp_listener_bound_again(folder: Path) -> Steps:
    """A port that is bound before, and bound again after: the first one still holds it."""
    server = listener()
    yield {"port": server.getsockname()[1]}
    try:
        socket.create_server(server.getsockname())
    except OSError as error:
        return same_if("Address already in use" in str(error), str(error))
    return "bound twice"


@hazard
def tcp_loopback(folder: Path) -> Steps:
    """A connection to a server in the same sandbox."""
    client, accepted = loopback()
    client.sendall(b"one")
    assert receive(accepted, 3) == b"one"
    yield {}
    client.sendall(b"two")
    accepted.sendall(b"three")
    return same_if(receive(accepted, 3) == b"two" and receive(client, 5) == b"three", "bytes are lost")


@hazard
def tcp_loopback_in_flight(folder: Path) -> Steps:
    """The same, with bytes on their way."""
    client, accepted = loopback()
    client.sendall(b"y" * 20_000)
    yield {}
    return same_if(receive(accepted, 20_000) == b"y" * 20_000, "bytes are lost")


@hazard
def tcp_outside(folder: Path) -> Steps:
    """A connection to a server outside the sandbox; the file `peer` says where it listens."""
    host, port = (folder / "peer").read_text().split()
    connection = socket.create_connection((host, int(port)), PATIENCE)
    connection.sendall(b"one")
    assert receive(connection, 3) == b"ONE"
    yield {"peer": f"{host}:{port}"}
    connection.sendall(b"two")
    return same_if(receive(connection, 3) == b"TWO", "the connection is gone")


@hazard
def tcp_time_wait(folder: Path) -> Steps:
    """A connection that was closed a moment ago."""
    client, accepted = loopback()
    client.close()
    accepted.close()
    yield {}
    client, accepted = loopback()
    client.sendall(b"again")
    return same_if(receive(accepted, 5) == b"again", "a new connection fails")


@hazard
def udp_bound(folder: Path) -> Steps:
    """A bound UDP socket."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(PATIENCE)
    yield {}
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hi", server.getsockname())
    return same_if(server.recv(10) == b"hi", "no datagram")


@hazard
def unix_pair(folder: Path) -> Steps:
    """`socket.socketpair`, as asyncio makes it, with bytes on their way."""
    left, right = socket.socketpair()
    left.sendall(b"in flight")
    yield {}
    right.settimeout(PATIENCE)
    held = right.recv(20) == b"in flight"
    right.sendall(b"back")
    left.settimeout(PATIENCE)
    return same_if(held and left.recv(10) == b"back", "bytes are lost")


@hazard
def unix_listener(folder: Path) -> Steps:
    """A listener with a name in the sandbox's own memory file system, one old and one new connection."""
    path = "/tmp/server.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(5)
    old = socket.socket(socket.AF_UNIX)
    old.connect(path)
    accepted, _ = server.accept()
    yield {}
    old.sendall(b"old")
    new = socket.socket(socket.AF_UNIX)
    new.connect(path)
    other, _ = server.accept()
    new.sendall(b"new")
    return same_if(receive(accepted, 3) == b"old" and receive(other, 3) == b"new", "bytes are lost")


@hazard
def unix_listener_on_mount(folder: Path) -> Steps:
    """A listener whose name lies on a mount from the host, where the sandbox keeps it to itself."""
    path = str(folder / "server.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(5)
    yield {}
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    accepted, _ = server.accept()
    client.sendall(b"new")
    return same_if(receive(accepted, 3) == b"new", "bytes are lost")


@hazard
def unix_outside(folder: Path) -> Steps:
    """A connection to a unix socket that a host process serves."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(folder / "outside.sock"))
    connection.settimeout(PATIENCE)
    connection.sendall(b"one")
    assert receive(connection, 3) == b"ONE"
    yield {"peer": str(folder / "outside.sock")}
    connection.sendall(b"two")
    return same_if(receive(connection, 3) == b"TWO", "the connection is gone")


@hazard
def netlink(folder: Path) -> Steps:
    """A netlink socket, as libraries keep it to list network interfaces."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    link.bind((0, 0))
    yield {}
    get_link, request_and_dump = 18, 0x301
    link.send(struct.pack("=LHHLLBxxx", 20, get_link, request_and_dump, 1, 0, 0))
    link.settimeout(PATIENCE)
    return same_if(bool(link.recv(65536)), "no answer")


@hazard
def raw_socket(folder: Path) -> Steps:
    """A raw ICMP socket (ping)."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    yield {}
    return same_if(os.fstat(raw.fileno()).st_size == 0, "the socket is gone")


@hazard
def tcp_listener_dual_stack(folder: Path) -> Steps:
    """A server that listens on `[::]` for IPv6 and IPv4, as torch's key-value store and Node's servers do."""
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    port = server.getsockname()[1]
    yield {"port": port}
    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
    accepted, _ = server.accept()
    accepted.sendall(b"hi")
    return same_if(receive(client, 2) == b"hi", "no answer")


@hazard
def tcp_loopback_dual_stack(folder: Path) -> Steps:
    """The same with a connection over IPv4, made before."""
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    client = socket.create_connection(("127.0.0.1", server.getsockname()[1]), PATIENCE)
    accepted, _ = server.accept()
    yield {}
    accepted.sendall(b"hi")
    return same_if(receive(client, 2) == b"hi", "bytes are lost")


@hazard
def tcp_listener_in_epoll(folder: Path) -> Steps:
    """A server in an event loop (uvicorn, asyncio, libuv)."""
    server = listener()
    events = select.epoll()
    events.register(server, select.EPOLLIN)
    yield {"port": server.getsockname()[1]}
    client = socket.create_connection(server.getsockname(), PATIENCE)
    woken = events.poll(PATIENCE)
    accepted, _ = server.accept()
    accepted.sendall(b"hi")
    return same_if(bool(woken) and receive(client, 2) == b"hi", "no event")


@hazard
def tcp_loopback_in_epoll(folder: Path) -> Steps:
    """A connection in an event loop."""
    client, accepted = loopback()
    events = select.epoll()
    events.register(accepted, select.EPOLLIN)
    yield {}
    client.sendall(b"hi")
    return same_if(bool(events.poll(PATIENCE)) and receive(accepted, 2) == b"hi", "no event")
