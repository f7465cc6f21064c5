"""What a probe saw, for a person: the tree as a picture, what a restore will need, the findings, what could not be seen, the verdict."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from snapdoctor.container.conditions import conditions, is_data, weight
from snapdoctor.container.model import AFTER_SNAPSHOT, BEFORE_SNAPSHOT, NO_SNAPSHOT
from snapdoctor.container.questions import size
from snapdoctor.finding import Confidence, Severity
from snapdoctor.report.style import Style
from snapdoctor.report.tree import branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.container.conditions import Condition
    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding
    from snapdoctor.report.tree import Branch

PHASES = {
    BEFORE_SNAPSHOT: "before the snapshot: what is alive now will be captured",
    AFTER_SNAPSHOT: "after the snapshot: what is alive now was restored, or started since",
    NO_SNAPSHOT: "in a Modal container that makes no snapshot",
    None: "outside Modal",
}
NARROWEST, WIDEST = 60, 120
MOST_FILES = 12
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/etc/")


def page(state: ContainerState, findings: tuple[Finding, ...], colour: bool, width: int = 100) -> str:
    """The whole report."""
    style, width = Style(colour), max(NARROWEST, min(width, WIDEST))
    blocks = [
        [line for text in machine(state) for line in textwrap.wrap(text, width)],
        [*drawn_tree(state, findings, style, width)],
        [*_conditions(conditions(state), width)],
        *([*finding_block(alike, style, width)] for alike in _alike(findings)),
        [*_gaps(state, style, width)],
        textwrap.wrap(verdict(state, findings), width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def machine(state: ContainerState) -> Iterator[str]:
    """Where this runs, and what a capture would weigh."""
    runtime = state.runtime
    kernel = (
        f"gVisor, {f'of {runtime.generation} or newer' if runtime.generation else 'of unknown age'}"
        if runtime.kind == "gvisor"
        else f"Linux {runtime.kernel}"
    )
    parts = [kernel, PHASES.get(state.modal.phase, PHASES[None])]
    names = [gpu.name for gpu in state.gpus]
    if names:
        parts.append(f"{len(names)} x {names[0]}" if len(names) > 1 else names[0])
    if runtime.driver:
        parts.append(f"driver {runtime.driver}")
    yield "; ".join(parts)
    held = weight(state)
    limit = f" (limit {size(state.limits.memory)})" if state.limits.memory is not None else ""
    gpu = f" and {size(held.gpu)} on the GPU" if held.gpu else ""
    most = "at most " if held.at_most else ""
    yield (
        f"{most}{size(held.host)} in memory{gpu}{limit}: an image of about {size(held.image)}, a restore of about {held.restore_seconds:.0f} s by "
        "disk and bus"
    )


def drawn_tree(state: ContainerState, findings: tuple[Finding, ...], style: Style, width: int) -> Iterator[str]:
    """The process tree, offenders marked."""
    for root in branches(state, findings):
        yield from _drawn(root, "", "", style, width)


def _drawn(branch: Branch, first: str, rest: str, style: Style, width: int) -> Iterator[str]:
    pids = branch.processes[0].pid if len(branch.processes) == 1 else f"{branch.processes[0].pid}..{branch.processes[-1].pid}"
    left = f"{first}{branch.title} ({pids})"
    marks = "  ".join(mark.text for mark in branch.marks)
    right = branch.holds + (f"  {marks}" if marks else "")
    room = width - len(right) - 2
    left = left if len(left) <= room else left[: max(room - 3, 20)] + "..."
    painted = "  ".join(style.paint(mark.text, mark.severity.label) for mark in branch.marks)
    yield f"{left}{' ' * max(width - len(left) - len(right), 2)}{branch.holds}{f'  {painted}' if painted else ''}".rstrip()
    bar = "│  " if branch.children else "   "
    for detail in branch.details:
        shown = f"{rest}{bar}{detail}"
        yield style.paint(shown if len(shown) <= width else _middle(shown, width), "dim")
    for number, child in enumerate(branch.children):
        last = number == len(branch.children) - 1
        yield from _drawn(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), style, width)


def _middle(text: str, width: int) -> str:
    """A long line without its middle: a path's end says more."""
    keep = (width - 3) // 2
    return f"{text[:keep]}...{text[len(text) - keep :]}"


def _conditions(found: tuple[Condition, ...], width: int) -> Iterator[str]:
    data = sorted(
        (one for one in found if is_data(one) and not _is_system(one)),
        key=lambda one: (not one.volatile, not one.mapped, -(one.file.size or 0), one.file.path),
    )
    if not found:
        return
    programs = len(found) - len(data)
    if not data:
        yield from textwrap.wrap(
            f"Every restore needs {programs} programs, libraries and system files in place, which change only with the image.", width
        )
        return
    yield "Every restore needs these files in place, unchanged:"
    for one in data[:MOST_FILES]:
        where = f"on {one.file.mount}, which can change" if one.volatile else "on the container's root"
        line = f"  {'mapped' if one.mapped else 'folder' if one.folder else 'open  '}  {size(one.file.size or 0):>9}  {one.file.path}"
        tail = f"  ({where})"
        yield (line if len(line) + len(tail) <= width else _middle(line, width - len(tail))) + tail
    if len(data) > MOST_FILES:
        yield from _indented(f"and {len(data) - MOST_FILES} more data files (--save FILE writes them all)", width)
    if programs:
        yield from _indented(f"and {programs} programs, libraries and system files, which change only with the image", width)


def _indented(text: str, width: int) -> Iterator[str]:
    yield from (f"  {line}" for line in textwrap.wrap(text, width - 2))


def _is_system(condition: Condition) -> bool:
    """Whether it is a file of the distribution on the container's root (locales and the like)."""
    return not condition.volatile and condition.file.path.startswith(SYSTEM)


def _alike(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """Findings of the same rule that ask for the same thing, together."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.severity, finding.confidence, finding.help), []).append(finding)
    return list(groups.values())


def finding_block(alike: list[Finding], style: Style, width: int) -> Iterator[str]:
    """A finding at a process: which, what is wrong, what to type; the others like it in a line."""
    finding, others = alike[0], alike[1:]
    label = finding.severity.label
    likely = style.paint(" (likely)", "dim") if finding.confidence is Confidence.LIKELY else ""
    yield f"{style.paint(label, label)}{likely} {style.paint(f'{finding.rule} {finding.name}', 'bold')}"
    if finding.process is not None:
        command = " ".join(finding.process.command.split())
        where = f"  {style.paint('-->', 'blue')} pid {finding.process.pid}: "
        yield where + (command if len(command) <= width - 16 else command[: width - 19] + "...")
    if others:
        seen = [
            f"pid {one.process.pid}" + (f" ({one.process.subject})" if one.process.subject else "")
            for one in others
            if one.process is not None
        ]
        for number, line in enumerate(textwrap.wrap(f"and {len(others)} more: {', '.join(seen[:MOST_FILES])}", width - 6)):
            yield f"  {style.paint('-->', 'blue')} {line}" if number == 0 else f"      {line}"
    for mark, text, kind in (("  = ", finding.message, "blue"), ("  > ", finding.help, "green")):
        for number, line in enumerate(textwrap.wrap(text, width - len(mark), break_long_words=False, break_on_hyphens=False)):
            yield f"{style.paint(mark, kind) if number == 0 else ' ' * len(mark)}{line}"


def _gaps(state: ContainerState, style: Style, width: int) -> Iterator[str]:
    by_subject: dict[str, list[str]] = {}
    for gap in state.gaps:
        by_subject.setdefault(gap.subject, []).append(f"process {gap.pid}: {gap.why}" if gap.pid is not None else gap.why)
    for subject, reasons in by_subject.items():
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        for number, line in enumerate(textwrap.wrap(f"not seen: {subject}: {reasons[0]}{more}", width - 2)):
            yield style.paint(line if number == 0 else f"  {line}", "dim")


def verdict(state: ContainerState, findings: tuple[Finding, ...]) -> str:
    """One line: whether this tree can be captured, as far as it could be seen."""
    count = f"{len(state.processes)} process{'es' if len(state.processes) != 1 else ''} looked at in {state.seconds:.1f} s."
    worst = max((finding.severity for finding in findings), default=None)
    unseen = " Something could not be seen, see above." if state.gaps else ""
    if worst is Severity.ERROR:
        return f"This tree is not fit to be captured: {_counts(findings)}. {count}{unseen}"
    if worst is None:
        return f"Nothing stands in the way of a snapshot. {count}{unseen}"
    return f"This tree can be captured; look at {_counts(findings)} first. {count}{unseen}"


def _counts(findings: tuple[Finding, ...]) -> str:
    counted = [(severity, sum(1 for finding in findings if finding.severity is severity)) for severity in sorted(Severity, reverse=True)]
    words = [
        f"{count} {severity.label}{'s' if count > 1 and severity is not Severity.ADVICE else ''}" for severity, count in counted if count
    ]
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
