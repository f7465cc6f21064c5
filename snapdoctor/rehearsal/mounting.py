"""Folders mounted for one command alone, in a mount namespace of its own that ends with its last process.

Nothing is created on this machine: where a mount point is missing, its nearest existing parent is covered by a copy made of bind mounts, with the
missing folder added. Works as root, and as anybody where unprivileged user namespaces are allowed.
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MNT_DETACH = 2
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x1000, 0x2000, 0x4000, 0x40000


class MountError(Exception):
    """A folder cannot be mounted here; the text says which, and what would help."""


def mounted(binds: list[tuple[str, str]], scratch: str) -> tuple[str, ...]:
    """Enter a new namespace and mount each source at its target; returns the parents that had to be covered. Raises `MountError`.

    `scratch` is an empty folder to build in.
    """
    enter()
    covered = []
    for source, target in binds:
        held = _cover(os.path.abspath(target), scratch)
        if held is not None:
            covered.append(held)
        _mount(source, target, "", MS_BIND | MS_REC)
    return tuple(covered)


def enter() -> None:
    """Enter a mount namespace of our own, whose mounts nobody else sees; raises `MountError`."""
    user, group = os.geteuid(), os.getegid()
    if user == 0 and unshare(CLONE_NEWNS) == 0:
        _mount("none", "/", "", MS_REC | MS_PRIVATE)
        return
    number = unshare(CLONE_NEWUSER | CLONE_NEWNS)
    if number != 0:
        raise MountError(
            f"this machine does not allow a private mount namespace ({os.strerror(number)}), so nothing can be mounted for the rehearsal alone: run as root, or "
            "allow unprivileged user namespaces"
        )
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    _mount("none", "/", "", MS_REC | MS_PRIVATE)


def mount_tree(source: str, target: str) -> None:
    """Show a folder with everything that is mounted below it at a second place; raises `MountError`."""
    _mount(source, target, "", MS_BIND | MS_REC)


def mount_proc() -> None:
    """Show the processes of this pid namespace in `/proc`; raises `MountError`."""
    _mount("proc", "/proc", "proc", 0)


def _cover(target: str, scratch: str) -> str | None:
    """Make the target exist as a folder; the parent that was covered for it, or None where it was there."""
    if os.path.isdir(target):
        return None
    parent = target
    while not os.path.isdir(parent):
        parent = os.path.dirname(parent)
    stage = os.path.join(scratch, "stage")
    os.makedirs(stage, exist_ok=True)
    _mount("tmpfs", stage, "tmpfs", 0)
    for entry in os.scandir(parent):
        _repeat(entry, os.path.join(stage, entry.name))
    os.makedirs(os.path.join(stage, os.path.relpath(target, parent)))
    if parent == "/":
        _pivot(stage)
    else:
        _mount(stage, parent, "", MS_MOVE)
        os.chdir(os.getcwd())
    return parent


def _pivot(stage: str) -> None:
    """Make `stage` the root, and let go of the old one: so paths look the same from inside and from outside (pivot_root(2))."""
    here = os.getcwd()
    old = os.path.join(stage, ".old")
    os.mkdir(old)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.pivot_root(stage.encode(), old.encode()) != 0:
        raise MountError(f"the root folder cannot be covered: {os.strerror(ctypes.get_errno())}")
    os.chdir(here)
    if libc.umount2(b"/.old", MNT_DETACH) != 0:
        raise MountError(f"the old root folder cannot be let go: {os.strerror(ctypes.get_errno())}")
    os.rmdir("/.old")


def _repeat(entry: os.DirEntry[str], at: str) -> None:
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), at)
    elif entry.is_dir():
        os.mkdir(at)
        _mount(entry.path, at, "", MS_BIND | MS_REC)
    elif entry.is_file():
        with open(at, "x", encoding="ascii"):
            pass
        _mount(entry.path, at, "", MS_BIND)


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        raise MountError(f"{source} cannot be mounted at {target}: {os.strerror(number)}")


def unshare(flags: int) -> int:
    """Leave namespaces for new ones (unshare(2)): 0, or the error's number."""
    libc = ctypes.CDLL(None, use_errno=True)
    return 0 if libc.unshare(flags) == 0 else ctypes.get_errno()
