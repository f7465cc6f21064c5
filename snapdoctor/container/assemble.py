"""From looks to the model: ranges become files, inodes become sockets, command lines become engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.container import descriptors, gpu, mappings, roles, tree
from snapdoctor.container.environment import kept, without_secrets
from snapdoctor.container.model import Cuda, Descriptor, DeviceUse, MappedFile, Process

if TYPE_CHECKING:
    from snapdoctor.container.look import Look
    from snapdoctor.container.mappings import Pages
    from snapdoctor.container.model import Socket


def process(
    look: Look, parent: Look | None, pages: dict[int, Pages], sockets: dict[int, Socket], cuda: Cuda | None, gvisor: bool
) -> Process:
    """One process; `parent` is None for the top of the tree, `pages` is empty where they were not asked for."""
    stat, status = look.stat, look.status
    above = (parent.command, parent.program) if parent is not None else None
    paths = {one.path for one in look.ranges}
    engine, role = roles.recognised(stat.name, look.command, look.environment, paths)
    return Process(
        pid=stat.pid,
        parent=stat.parent,
        name=stat.name,
        command=without_secrets(look.command),
        program=look.program,
        folder=look.folder.removesuffix(mappings.DELETED),
        folder_deleted=look.folder.endswith(mappings.DELETED),
        state=stat.state,
        origin=tree.origin(stat, look.command, look.program, above, gvisor),
        started=stat.started,
        threads=stat.threads,
        tracer=int(status.get("TracerPid", "0") or 0),
        engine=engine,
        role=role,
        environment=kept(look.environment),
        resident=tree.kibibytes(status, "VmRSS"),
        anonymous=tree.kibibytes(status, "RssAnon"),
        shared=tree.kibibytes(status, "RssShmem"),
        locked=tree.kibibytes(status, "VmLck"),
        mapped=mapped(look, pages),
        descriptors=opened(look, sockets),
        cuda=cuda,
        namespace=look.namespace,
    )


def mapped(look: Look, pages: dict[int, Pages]) -> tuple[MappedFile, ...]:
    """The ranges of each file together, by path; device files of the GPU are told apart (`devices`)."""
    grouped: dict[tuple[str, bool, bool], list[mappings.Range]] = {}
    for one in look.ranges:
        if not gpu.is_device(one.path):
            grouped.setdefault((one.path, one.shared, one.deleted), []).append(one)
    found = []
    for (path, shared, deleted), ranges in sorted(grouped.items()):
        seen = [pages[one.start] for one in ranges if one.start in pages]
        found.append(
            MappedFile(
                path=path,
                shared=shared,
                writable=any(one.writable for one in ranges),
                deleted=deleted,
                ranges=len(ranges),
                size=sum(one.end - one.start for one in ranges),
                resident=sum(one.resident for one in seen) if seen else None,
                dirty=sum(one.dirty for one in seen) if seen else None,
            )
        )
    return tuple(found)


def opened(look: Look, sockets: dict[int, Socket]) -> tuple[Descriptor, ...]:
    """The descriptors with their sockets; those of the GPU are told apart (`devices`)."""
    return tuple(
        Descriptor(
            number=one.number,
            kind=one.kind,
            target=one.target,
            deleted=one.deleted,
            writable=descriptors.is_writable(one.flags),
            append=descriptors.appends(one.flags),
            socket=sockets.get(one.inode) if one.inode else None,
        )
        for one in look.opens
        if not gpu.is_device(one.target)
    )


def devices(look: Look) -> tuple[DeviceUse, ...]:
    """The GPU's device files that a process holds, with counts."""
    opened = [one.target for one in look.opens if gpu.is_device(one.target)]
    ranges = [one for one in look.ranges if gpu.is_device(one.path)]
    found = []
    for path in sorted({*opened, *(one.path for one in ranges)}):
        own = [one for one in ranges if one.path == path]
        found.append(DeviceUse(path, opened.count(path), len(own), sum(one.end - one.start for one in own)))
    return tuple(found)
