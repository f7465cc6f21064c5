"""Which sockets lead out of the tree: the other end of a loopback connection or a UNIX socket may be in no process that is captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container.sockets import is_local

if TYPE_CHECKING:
    from snapdoctor.container.model import Socket
    from snapdoctor.container.sockets import Peers


def outside(sockets: dict[int, Socket], ours: set[int], peers: Peers, whole: bool) -> dict[int, Socket]:
    """The sockets with their `outside` decided; `ours` are the inodes that the tree holds, `whole` says that nobody else is in this network."""
    by_ends = {(one.local, one.remote): inode for inode, one in sockets.items() if one.remote}
    return {inode: one._replace(outside=_outside(inode, one, by_ends, ours, peers, whole)) for inode, one in sockets.items()}


def _outside(inode: int, one: Socket, by_ends: dict[tuple[str, str], int], ours: set[int], peers: Peers, whole: bool) -> bool | None:
    if one.family == "unix":
        if one.state != "established":
            return False
        if not peers.known:
            return None
        return peers.ends.get(inode, 0) not in ours
    if not one.remote or one.outside:
        return one.outside
    if whole or not is_local(one.remote, one.local):
        return one.outside
    other = by_ends.get((one.remote, one.local))
    return other is None or other not in ours
