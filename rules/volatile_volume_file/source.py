"""Find Volume files that are open, mapped or freshly written when the capture is made, and what later removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.values import Made, Spread, Value, constant, sketch
from snapdoctor.engines import llama_server
from snapdoctor.engines.command import flag
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

HELD = (model.IMPORT, model.BEFORE)
# Which of their arguments name what is gone or changed afterwards.
REMOVERS = {
    "os.remove": (0,), "os.unlink": (0,), "shutil.rmtree": (0,), "os.replace": (0, 1), "os.rename": (0, 1), "shutil.move": (0, 1),
    "shutil.copy": (1,), "shutil.copy2": (1,), "shutil.copyfile": (1,), "shutil.copytree": (1,),
}  # fmt: skip
DOWNLOADERS = ("huggingface_hub.snapshot_download", "huggingface_hub.hf_hub_download")
WRITING = ("w", "a", "x", "+")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Handles kept on Volume files, uncommitted downloads that llama.cpp maps, and deletions of what was used."""
    mounts = deployment.volumes()
    if deployment.snapshot not in ("cpu", "gpu") or not mounts:
        return
    confidence = Confidence.LIKELY if deployment.snapshot_likely else Confidence.CERTAIN
    for event in deployment.during(*HELD):
        if event.conditional:
            continue
        if event.kind == model.FILE:
            yield from _handle(deployment, event, mounts, confidence)
        elif event.kind == model.PROCESS:
            yield from _child_output(deployment, event, mounts, confidence)
        elif event.name in DOWNLOADERS:
            yield from _uncommitted(deployment, event, mounts, confidence)
    yield from _removed(deployment, mounts, confidence)


def _handle(deployment: Deployment, event: Event, mounts: dict[str, Value], confidence: Confidence) -> Iterator[Hazard]:
    path = _path(event)
    mount = _mount(path, mounts)
    if path is None or mount is None or event.kept is None or event.purpose == "with":
        return
    if _is_closed(deployment, event) or any(other.launch is not None and other.launch.output is event.made for other in deployment.events):
        return
    mode = constant(event.arguments.get("mode", 1))
    written = isinstance(mode, str) and any(letter in mode for letter in WRITING)
    if written and not _is_committed(deployment, event):
        danger = "it is written but not committed, so in the next container it is missing, and the restore fails"
    else:
        danger = "if it is deleted the restore fails, and if it is replaced the restored process reads the new bytes without notice"
    yield Hazard(
        event.site,
        f"{event.kept} keeps {_said(path)} on the Volume at {mount} open while {deployment.name} is captured: {danger}.",
        "Close it before the hook ends and open it again in @modal.enter(snap=False)" + ("; commit the Volume first." if written else "."),
        confidence=confidence,
    )


def _child_output(deployment: Deployment, event: Event, mounts: dict[str, Value], confidence: Confidence) -> Iterator[Hazard]:
    launch = event.launch
    output = launch.output if launch is not None else None
    if launch is None or launch.waits or not isinstance(output, Made) or output.event is None or output.event.kind != model.FILE:
        return
    path = _path(output.event)
    mount = _mount(path, mounts)
    if path is None or mount is None or _is_committed(deployment, event):
        return
    yield Hazard(
        event.site,
        f"The child of {deployment.name} writes to {_said(path)} on the Volume at {mount} and keeps it open over the snapshot: a container "
        "in which the file is not there, or was not committed, cannot be restored.",
        "Let it write to the container's own disk (such as /tmp) or to the container's log; that comes back with the snapshot.",
        confidence=confidence,
    )


def _uncommitted(deployment: Deployment, event: Event, mounts: dict[str, Value], confidence: Confidence) -> Iterator[Hazard]:
    """A download onto a Volume that llama.cpp then maps."""
    target = sketch(event.arguments.get("local_dir")) or sketch(event.arguments.get("cache_dir"))
    mount = _mount(target, mounts)
    if mount is None or _is_committed(deployment, event):
        return
    after = list(deployment.during(*HELD))
    mapped = [other for other in after[after.index(event) + 1 :] if _maps(other)]
    if mapped:
        yield Hazard(
            event.site,
            f"This download to the Volume at {mount} is not committed before the snapshot of {deployment.name}, which maps the file: a "
            "container that does not find it there cannot be restored.",
            "Call the Volume's .commit() after the download, before the model is loaded.",
            confidence=confidence,
            related=((mapped[0].site, "the file is mapped here"),),
        )


def _maps(event: Event) -> bool:
    if event.kind == model.LOAD and event.load is not None and event.load.engine == "llama-cpp-python":
        return event.load.arguments.get("use_mmap") is None
    if event.kind != model.PROCESS or event.launch is None or event.launch.engine != "llama-server" or event.launch.open:
        return False
    return flag(event.launch, *llama_server.LOAD_MODE.names, "--no-mmap", "--mlock").present is False


def _removed(deployment: Deployment, mounts: dict[str, Value], confidence: Confidence) -> Iterator[Hazard]:
    """Files used before the capture that this app deletes or replaces later."""
    used = [(path, event) for event in deployment.during(*HELD) for path in _used_paths(event) if _mount(path, mounts) is not None]
    if not used:
        return
    for other in deployment.app.deployments:
        shared = {path: value for path, value in (other.volumes() or {}).items() if _same(mounts.get(path), value)}
        theirs = mounts if other is deployment else shared
        later = (model.AFTER, model.REQUEST, model.EXIT) if other is deployment else model.PHASES
        for event in other.during(*later):
            for path in _changed_paths(event):
                holder = next((by for held, by in used if held == path or held.startswith(path.rstrip("/") + "/")), None)
                if holder is None or _mount(path, theirs) is None:
                    continue
                yield Hazard(
                    event.site,
                    f"{other.name} removes or replaces {path} on a Volume, which {deployment.name} uses before its snapshot: restores of that "
                    "snapshot fail or read other bytes, because changes to a Volume do not make a new one.",
                    "Write new versions under new names and redeploy; delete the old ones when no snapshot needs them.",
                    confidence=confidence,
                    related=((holder.site, "used before the snapshot here"),),
                )


def _changed_paths(event: Event) -> Iterator[str]:
    if event.conditional or event.name not in REMOVERS:
        return
    for position in REMOVERS[event.name]:
        path = sketch(event.arguments.positional[position]) if position < len(event.arguments.positional) else None
        if path is not None and "\0" not in path:
            yield path


def _used_paths(event: Event) -> Iterator[str]:
    if event.kind == model.LOAD and event.load is not None and event.load.model is not None:
        yield event.load.model
    if event.kind == model.FILE and event.kept is not None:
        path = _path(event)
        if path is not None:
            yield path
    if event.kind == model.PROCESS and event.launch is not None and not event.launch.waits:
        for item in event.launch.argv:
            word = None if isinstance(item, Spread) else sketch(item)
            if word is not None and word.startswith("/") and "\0" not in word:
                yield word


def _path(event: Event) -> str | None:
    """The path a FILE event opens; for `mmap.mmap(f.fileno(), 0)` that of `f`."""
    given = event.arguments.get("file", 0)
    if event.name in ("tempfile.NamedTemporaryFile", "tempfile.mkstemp"):
        return sketch(event.arguments.get("dir"))
    while isinstance(given, Made):
        if given.event is not None and given.event.kind == model.FILE and given.event is not event:
            return _path(given.event)
        given = given.base
    return sketch(given)


def _mount(path: str | None, mounts: dict[str, Value]) -> str | None:
    if path is None:
        return None
    return next((mount for mount in mounts if path == mount.rstrip("/") or path.startswith(mount.rstrip("/") + "/")), None)


def _said(path: str) -> str:
    return path.replace("\0", "…")


def _same(left: Value | None, right: Value) -> bool:
    if left is right:
        return True
    if isinstance(left, Made) and isinstance(right, Made) and left.name == right.name == "modal.Volume.from_name":
        name = constant(left.arguments.get("name", 0))
        return isinstance(name, str) and name == constant(right.arguments.get("name", 0))
    return False


def _is_closed(deployment: Deployment, event: Event) -> bool:
    calls = deployment.find(model.CALL, phases=HELD)
    return any(other.name.rpartition(".")[2] == "close" and _chained(other.subject, event.made) for other in calls)


def _chained(subject: Value | None, made: Value | None) -> bool:
    while isinstance(subject, Made):
        if subject is made:
            return True
        subject = subject.base
    return False


def _is_committed(deployment: Deployment, event: Event) -> bool:
    """Committed after it, or by something unreadable whose name says so."""
    events = list(deployment.during(*HELD))
    return any(
        (other.kind == model.VOLUME and other.purpose == "commit") or (other.kind == model.OPAQUE and "commit" in other.name.lower())
        for other in events[events.index(event) :]
    )
