"""What lies outside a sandbox: a wire to a network, and servers that answer in capitals."""

from __future__ import annotations

import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE, THERE = "10.11.0.1", "10.11.0.2"
"""The room's end of the wire, and the sandbox's."""


class Shout(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self) -> None:
        while word := self.request.recv(100):
            self.request.sendall(word.upper())


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def server(hazard: str, folder: Path) -> Iterator[None]:
    """The peer that a hazard needs, if it needs one: `outside.sock` in its folder, or a port whose address stands in the file `peer`."""
    if hazard == "unix_outside":
        serving: socketserver.BaseServer = UnixServer(str(folder / "outside.sock"), Shout)
    elif hazard == "tcp_outside":
        serving = TcpServer((HERE, 0), Shout)
        (folder / "peer").write_text(f"{HERE} {serving.server_address[1]}")
    else:
        yield
        return
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        serving.shutdown()
        serving.server_close()


@contextmanager
def wire() -> Iterator[str]:
    """A network namespace that is wired to the room's; gives the path of its file."""
    with subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(b"ready\n")
        holder.stdin.flush()
        holder.stdout.readline()
        namespace = f"/proc/{holder.pid}/ns/net"
        ip("link", "add", "outer", "type", "veth", "peer", "name", "inner", "netns", str(holder.pid))
        ip("address", "add", f"{HERE}/24", "dev", "outer")
        ip("link", "set", "outer", "up")
        give_address(namespace)
        # runsc takes a namespace with this folder for the machine's own; Linux shows it in every namespace since.
        subprocess.run(["mount", "-t", "tmpfs", "hidden", "/proc/sys/net"], check=True)
        yield namespace
        holder.stdin.close()


def give_address(namespace: str) -> None:
    """Give the inner end its address, which runsc takes off when it starts a sandbox."""
    inside = ["nsenter", f"--net={namespace}", "ip"]
    subprocess.run([*inside, "address", "replace", f"{THERE}/24", "dev", "inner"], check=True)
    for link in ("lo", "inner"):
        subprocess.run([*inside, "link", "set", link, "up"], check=True)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
