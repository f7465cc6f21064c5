"""The predicted life of each deployment, the snapshot drawn as a line through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.app import model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import App, Deployment, Event
    from snapdoctor.finding import Finding
    from snapdoctor.report.style import Style

TITLES = {
    model.IMPORT: "import", model.BEFORE: "enter(snap=True)", model.AFTER: "after the snapshot", model.REQUEST: "each request", model.EXIT: "exit",
}  # fmt: skip
WITHOUT = {**TITLES, model.BEFORE: "enter(snap=True)", model.AFTER: "enter and web server"}
SHOWN = (
    model.LOAD, model.PROCESS, model.FORK, model.WAIT, model.HTTP, model.INFERENCE, model.CONTROL, model.CONNECT, model.THREAD, model.RANDOM,
    model.CUDA, model.MOVE, model.VOLUME, model.COMPILE, model.OPAQUE,
)  # fmt: skip
HEAVY = (
    "torch",
    "transformers",
    "diffusers",
    "vllm",
    "sglang",
    "llama_cpp",
    "sentence_transformers",
    "faster_whisper",
    "tensorflow",
    "jax",
    "onnxruntime",
    "fastapi",
)
SNAPSHOT = {
    "gpu": "GPU memory snapshot: everything above is captured, device memory included",
    "cpu": "CPU memory snapshot: everything above is captured, device memory is not",
    None: "memory snapshot: whether it is on could not be read",
}
WIDTH = 78


class Row(NamedTuple):
    """One line of a deployment's life."""

    kind: str
    """`phase`, `event`, `snapshot` or `rest` (findings that belong to no event that is drawn)."""
    text: str
    where: str = ""
    """The line in the source, with the module where it is another one's."""
    maybe: bool = False
    """It happens in one branch only."""
    findings: tuple[Finding, ...] = ()


def rows(deployment: Deployment, findings: list[Finding]) -> Iterator[Row]:
    """The life from import to exit, each finding at its event, the snapshot between what is captured and what is not."""
    drawn: set[int] = set()
    titles = WITHOUT if deployment.snapshot == "none" else TITLES
    for phase in (model.IMPORT, model.BEFORE, model.AFTER, model.REQUEST, model.EXIT):
        if phase == model.AFTER:
            yield Row("snapshot", _snapshot(deployment))
        events = list(_told(deployment, phase))
        if events:
            yield Row("phase", titles[phase])
        for event, times in events:
            line = event.site.module.position(event.site.node)[0]
            where = f"{line}" if event.site.module is deployment.module else f"{event.site.module.name}:{line}"
            here = [index for index, finding in enumerate(findings) if index not in drawn and _is_at(finding, event, line)]
            drawn.update(here)
            text = f"{describe(event)}{f' (x{times})' if times > 1 else ''}"
            yield Row("event", text, where, event.conditional, tuple(findings[index] for index in here))
    left = tuple(finding for index, finding in enumerate(findings) if index not in drawn)
    if left:
        yield Row("rest", "and", findings=left)


def told(deployment: Deployment, phase: str) -> Iterator[str]:
    """The events of one phase in a few words each."""
    for event, times in _told(deployment, phase):
        yield f"{describe(event)}{f' (x{times})' if times > 1 else ''}"


def _is_at(finding: Finding, event: Event, line: int) -> bool:
    return finding.place.path == event.site.module.path and finding.place.line == line


def _snapshot(deployment: Deployment) -> str:
    kind = deployment.snapshot
    if kind == "none":
        return "no snapshot: every cold start does all of this"
    return f"{SNAPSHOT[kind]}{' (likely)' if deployment.snapshot_likely else ''}"


def render(app: App, findings: list[Finding], style: Style) -> Iterator[str]:
    """Every deployment of the app, one after the other."""
    for deployment in app.deployments:
        yield style.paint(f"{deployment.name}", "bold") + f"  {hardware(deployment)}"
        for row in rows(deployment, [finding for finding in findings if finding.deployment == deployment.name]):
            yield from _drawn(row, deployment.snapshot == "none", style)
        yield ""


def hardware(deployment: Deployment) -> str:
    """`cls, H100 x2`."""
    gpu = deployment.gpu
    if not isinstance(gpu, model.Gpu):
        return f"{deployment.kind}, {'no GPU' if gpu is None else 'GPU unknown'}"
    count = f" x{gpu.count}" if gpu.count and gpu.count > 1 else ""
    return f"{deployment.kind}, {'/'.join(gpu.types)}{count}"


def _drawn(row: Row, without: bool, style: Style) -> Iterator[str]:
    if row.kind == "snapshot" and without:
        yield "  " + style.paint(f"- - {row.text} ".ljust(WIDTH, "-"), "dim")
    elif row.kind == "snapshot":
        yield "  " + style.paint(f"===== {row.text} ".ljust(WIDTH, "="), "blue")
    elif row.kind == "event":
        yield f"    {row.where:>5}  {row.text}{style.paint(' ?' if row.maybe else '', 'dim')}"
    else:
        yield "  " + style.paint(row.text, "dim")
    for finding in row.findings:
        yield _finding(finding, style)


def _told(deployment: Deployment, phase: str) -> Iterator[tuple[Event, int]]:
    """Events worth drawing, repeats of the same line folded."""
    last: Event | None = None
    times = 0
    for event in deployment.during(phase):
        if event.kind not in SHOWN and not (event.kind == model.IMPORTED and event.name.partition(".")[0] in HEAVY):
            continue
        if last is not None and event.site.node is last.site.node and event.kind == last.kind:
            times += 1
            continue
        if last is not None:
            yield last, times
        last, times = event, 1
    if last is not None:
        yield last, times


def _finding(finding: Finding, style: Style) -> str:
    mark = style.paint(finding.severity.label, finding.severity.label)
    text = finding.message.split(". ")[0].rstrip(".")
    return f"           {mark} {finding.rule} {finding.name}: {text if len(text) < 150 else text[:147] + '...'}"


def describe(event: Event) -> str:
    """An event in a few words."""
    if event.kind == model.LOAD and event.load is not None:
        what = event.load.model.replace("\0", "...") if event.load.model else "a model"
        return f"load {what} with {event.load.engine}{f' on {event.device}' if event.device else ''}"
    if event.kind == model.PROCESS and event.launch is not None:
        return f"{'run' if event.launch.waits else 'start'} {event.launch.engine or event.launch.program or 'a process'}"
    if event.kind == model.HTTP and event.request is not None:
        address = (event.request.path or event.request.url or "an address").replace("\0", "...")
        return f"{event.request.method or 'request'} {address}{f' ({event.purpose})' if event.purpose else ''}"
    words = {
        model.WAIT: f"wait ({event.purpose})", model.INFERENCE: f"inference: {event.name}", model.CONTROL: f"{event.purpose}: {event.name}",
        model.MOVE: f"move to {event.device or 'a device'}", model.OPAQUE: f"calls {event.name} (not read)", model.IMPORTED: f"import {event.name}",
        model.VOLUME: f"Volume {event.purpose}", model.FORK: f"fork: {event.name}",
    }  # fmt: skip
    return words.get(event.kind, f"{event.kind}: {event.name}")
