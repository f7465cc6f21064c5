"""A process tree as it is now: `/proc` first, then the driver and NVML where there is a GPU to ask about.

Nothing is left behind in the processes that are looked at: no descriptor, no signal, no debugger. Looking is bounded in time, and what could
not be seen is part of the answer.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from snapdoctor.container import assemble, gpu, limits, mappings, modal, procfs, sockets, tree, wiring
from snapdoctor.container.bounded import Asking, Unanswered
from snapdoctor.container.holdings import Holdings
from snapdoctor.container.look import look, unanswered
from snapdoctor.container.model import UNINITIALISED, VERSION, ContainerState, Cuda, Gap
from snapdoctor.container.mounts import mounts
from snapdoctor.container.runtime import is_gvisor, runtime

if TYPE_CHECKING:
    from snapdoctor.container.look import Look
    from snapdoctor.container.mappings import Pages
    from snapdoctor.container.model import Modal, Mount, Socket
    from snapdoctor.container.tree import Stat

SECONDS = 8.0
"""How long looking may take in all."""
EACH = 1.0
"""How long one process may take to answer."""
ROUNDS = 3
"""How often the tree is listed, for processes that appear meanwhile."""
WATCHES = (
    "what an inotify descriptor watches cannot be told by path; under gVisor every watched file and folder must be there at the restore"
)


class NoSuchProcess(Exception):
    """The process to look at is not there, or has ended."""


def read_state(pid: int | None = None, seconds: float = SECONDS, each: float = EACH, without: int | None = None) -> ContainerState:
    """The tree below `pid`, or every process of this container; raises `NoSuchProcess`.

    The process that looks is left out, and so is `without` with everybody that it has started.
    """
    began = time.monotonic()
    asking = Asking(seconds, each)
    try:
        return _Reading(pid, asking, without if without is not None else os.getpid()).state(began)
    finally:
        asking.close()


class _Reading:
    """One look at one tree."""

    def __init__(self, root: int | None, asking: Asking, looker: int) -> None:
        self.root = root
        self.looker = looker
        self.asking = asking
        self.gvisor = is_gvisor()
        self.gaps: list[Gap] = []

    def state(self, began: float) -> ContainerState:
        looks = self._looks()
        top = next(iter(looks))
        mounted = self._mounts(top)
        holdings = Holdings(mounted)
        pages = {pid: self._files(pid, one, holdings) for pid, one in looks.items()}
        found_sockets = self._sockets(looks)
        state_of, driver_gap = self._driver(looks)
        totals = gpu.devices(self.gvisor) if gpu.is_here() or _holds_devices(looks) else gpu.NOTHING
        cuda = {pid: self._cuda(pid, one, state_of, totals.memory) for pid, one in looks.items()}
        if _holds_devices(looks):
            self.gaps += [Gap("gpu", None, why) for why in (driver_gap, totals.why) if why]
        processes = tuple(
            assemble.process(one, looks.get(one.stat.parent), pages[pid], found_sockets, cuda[pid], self.gvisor)
            for pid, one in looks.items()
        )
        self.gaps += [gap for one in looks.values() for gap in one.gaps]
        self.gaps += [Gap("watches", pid, WATCHES) for pid, one in looks.items() if any(opened.kind == "inotify" for opened in one.opens)]
        return ContainerState(
            version=VERSION,
            taken=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            seconds=round(time.monotonic() - began, 3),
            root=top,
            runtime=runtime(totals.driver),
            modal=_modal(looks),
            limits=limits.limits(top),
            gpus=totals.gpus,
            mounts=mounted,
            files=holdings.files(),
            processes=processes,
            gaps=tuple(sorted(set(self.gaps), key=lambda gap: (gap.subject, gap.pid or 0, gap.why))),
        )

    def _looks(self) -> dict[int, Look]:
        """Everybody, a parent before its children; listed again until nobody new has appeared."""
        looks: dict[int, Look] = {}
        first: set[int] = set()
        for number in range(ROUNDS):
            known = tree.snapshot()
            wanted = self._wanted(known)
            if not wanted:
                raise NoSuchProcess(
                    f"there is no process {self.root}; `ps -e` lists what there is"
                    if self.root is not None
                    else "no other process can be seen here"
                )
            first = first or set(wanted)
            new = [pid for pid in wanted if pid not in looks]
            if number and not new:
                break
            for pid in new:
                seen = self._look(known[pid])
                if seen is not None:
                    looks[pid] = seen
        left = [pid for pid in self._wanted(tree.snapshot()) if pid in looks]
        if not left:
            raise NoSuchProcess(f"process {self.root} ended while it was looked at")
        changed = len(first ^ set(left))
        if changed:
            self.gaps.append(Gap("process tree", None, f"{changed} processes appeared or ended while it was looked at"))
        return {pid: looks[pid] for pid in left}

    def _wanted(self, known: dict[int, Stat]) -> list[int]:
        """The processes to look at, without the one that looks and what it has started, unless that is what was asked for."""
        order = tree.below(self.root, known) if self.root is not None else tree.ordered(known)
        own = set(tree.below(self.looker, known)) if self.root not in tree.below(self.looker, known) else {os.getpid()} - {self.root}
        return [pid for pid in order if pid not in own and not known[pid].flags & tree.KERNEL_THREAD]

    def _look(self, stat: Stat) -> Look | None:
        try:
            return self.asking.ask(lambda: look(stat.pid))
        except procfs.Gone:
            return None
        except procfs.Unseen as error:
            return unanswered(stat, str(error))
        except Unanswered as error:
            return unanswered(stat, f"it gave {error}")

    def _mounts(self, top: int) -> tuple[Mount, ...]:
        try:
            return mounts(procfs.read(top, "mountinfo"))
        except (procfs.Gone, procfs.Unseen) as error:
            self.gaps.append(Gap("mounts", None, str(error)))
            return ()

    def _files(self, pid: int, one: Look, holdings: Holdings) -> dict[int, Pages]:
        """Examine a process's files; the pages of its mappings when it maps weights."""
        try:
            self.asking.ask(lambda: holdings.examine(one))
            if holdings.holds_weights(one):
                return self.asking.ask(lambda: mappings.pages(procfs.read(pid, "smaps")))
        except (Unanswered, procfs.Unseen) as error:
            self.gaps.append(Gap("files", pid, str(error)))
        except procfs.Gone:
            pass
        return {}

    def _sockets(self, looks: dict[int, Look]) -> dict[int, Socket]:
        """Every socket of the tree by inode, from each network namespace once."""
        ours = {opened.inode for one in looks.values() for opened in one.opens if opened.inode}
        found: dict[int, Socket] = {}
        asked: set[str] = set()
        for pid, one in looks.items():
            if one.stat.state == "zombie" or one.network in asked:
                continue
            asked.add(one.network)
            try:
                table, missing = self.asking.ask(lambda pid=pid: sockets.table(pid))  # type: ignore[misc]
            except (Unanswered, procfs.Gone) as error:
                self.gaps.append(Gap("sockets", pid, str(error)))
                continue
            found.update(table)
            self.gaps += [Gap("sockets", pid, f"/proc/{pid}/net/{name} is not shown here") for name in missing]
        peers = self._peers(found, ours)
        return wiring.outside(found, ours, peers, whole=self.root is None)

    def _peers(self, found: dict[int, Socket], ours: set[int]) -> sockets.Peers:
        if not any(inode in ours and one.family == "unix" and one.state == "established" for inode, one in found.items()):
            return sockets.Peers(False, {})
        peers = sockets.unix_peers()
        if not peers.known:
            self.gaps.append(Gap("sockets", None, "the kernel does not tell the other ends of UNIX sockets here"))
        return peers

    def _driver(self, looks: dict[int, Look]) -> tuple[gpu.StateReader | None, str | None]:
        if not any(one.threads for one in looks.values()):
            return None, None
        reader, why = gpu.state_reader()
        return reader, why or None

    def _cuda(self, pid: int, one: Look, state_of: gpu.StateReader | None, memory: dict[int, int]) -> Cuda | None:
        held = assemble.devices(one)
        state = None
        if state_of is not None and one.threads:
            try:
                state = self.asking.ask(lambda: state_of(pid))
            except Unanswered as error:
                self.gaps.append(Gap("gpu", pid, f"the driver gave {error} about its CUDA state"))
        if not held and state in (None, UNINITIALISED):
            return None
        return Cuda(state, gpu.has_restore_thread(list(one.threads)), held, memory.get(pid))


def _holds_devices(looks: dict[int, Look]) -> bool:
    return any(gpu.is_device(opened.target) for one in looks.values() for opened in one.opens)


def _modal(looks: dict[int, Look]) -> Modal:
    """By our own environment, which is up to date after a restore; looking from outside, by the first process that says it is in Modal."""
    own = modal.where(os.environ)
    if own.inside:
        return own
    for one in looks.values():
        found = modal.where(one.environment, one.root)
        if found.inside:
            return found
    return modal.where({})


__all__ = ["NoSuchProcess", "read_state"]
