"""A rehearsed life for a person: what was measured beside what the source predicts, the snapshot drawn across it, the verdict."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from snapdoctor.container.conditions import weight
from snapdoctor.container.questions import size
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rehearsal import model
from snapdoctor.report.probe import drawn_tree, finding_block
from snapdoctor.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snapdoctor.finding import Finding
    from snapdoctor.rehearsal.model import Checkpoint, Rehearsal

WIDTH = 100
SHORTEST_SHOWN = 0.001


def page(rehearsal: Rehearsal, findings: tuple[Finding, ...], predicted: Mapping[str, tuple[str, ...]], colour: bool) -> str:
    """The whole report; `predicted` holds what the source says of each phase."""
    style = Style(colour)
    if rehearsal.kind == model.IN_PLACE:
        return _in_place(rehearsal, findings, style)
    blocks = [
        [_title_line(rehearsal, style), *_timeline(rehearsal, predicted, style)],
        [*_told(rehearsal, style)],
        *([*_block(finding, style)] for finding in findings),
        [*_notes(rehearsal, style)],
        textwrap.wrap(verdict(rehearsal, findings), WIDTH),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _in_place(rehearsal: Rehearsal, findings: tuple[Finding, ...], style: Style) -> str:
    """The tree as a probe shows it, and what the checkpoint did to it."""
    assert rehearsal.state is not None
    assert rehearsal.checkpoint is not None
    blocks = [
        [*drawn_tree(rehearsal.state, findings, style, WIDTH)],
        [*checkpoint_lines(rehearsal.checkpoint)],
        *([*_block(finding, style)] for finding in findings),
        [verdict(rehearsal, findings)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def in_place_verdict(checkpoint: Checkpoint) -> str:
    """One line."""
    if checkpoint.skipped:
        return "Nothing was suspended."
    return (
        "The tree cannot be checkpointed; it runs on as before."
        if checkpoint.failed
        else "The tree was suspended and brought back; it runs on."
    )


def title(rehearsal: Rehearsal) -> tuple[str, str]:
    """Which deployment and method lived, and what it asks for."""
    name = f"{rehearsal.deployment}.{rehearsal.method}" if rehearsal.method else rehearsal.deployment
    wants = {"gpu": "GPU memory snapshot", "cpu": "CPU memory snapshot", "none": "no memory snapshot"}[rehearsal.snapshot]
    return name, f"{wants}, modal {rehearsal.modal}"


def _title_line(rehearsal: Rehearsal, style: Style) -> str:
    name, asks = title(rehearsal)
    return f"{style.paint(name, 'bold')}  {asks}"


def _timeline(rehearsal: Rehearsal, predicted: Mapping[str, tuple[str, ...]], style: Style) -> Iterator[str]:
    for phase in rehearsal.phases:
        if phase.name == model.CAPTURE:
            yield from _capture(rehearsal, style)
            continue
        says = "; ".join(predicted.get(phase.name, ()))
        line = f"  {phase.name:<18} {phase.seconds:>8.2f} s   {says}".rstrip()
        yield line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."
        for hook in rehearsal.hooks:
            if hook.phase == phase.name and hook.seconds >= SHORTEST_SHOWN:
                yield style.paint(f"    {hook.name:<16} {hook.seconds:>8.2f} s", "dim")
        if phase.name in (model.ANSWER, model.AGAIN):
            yield from _answer(rehearsal, 0 if phase.name == model.ANSWER else 1, style)


def _answer(rehearsal: Rehearsal, number: int, style: Style) -> Iterator[str]:
    if number < len(rehearsal.answers):
        answer = rehearsal.answers[number]
        text = f"{'' if answer.good else 'failed: '}{' '.join(answer.text.split())}"
        yield style.paint(f"    {text if len(text) <= WIDTH - 4 else text[: WIDTH - 7] + '...'}", "dim" if answer.good else "error")


def held(rehearsal: Rehearsal) -> str:
    """What the snapshot holds, to follow its name: `: 2 processes, an image of about 40 MiB`; empty where it could not be seen."""
    if rehearsal.state is None:
        return ""
    count, saved = len(rehearsal.state.processes), rehearsal.saved
    image = f"about {size(weight(rehearsal.state).image)}" if saved is None or saved.image is None else f"{size(saved.image)} on disk"
    return f": {count} process{'es' if count != 1 else ''}, an image of {image}"


def _capture(rehearsal: Rehearsal, style: Style) -> Iterator[str]:
    yield style.paint(f"===== snapshot{held(rehearsal)} ".ljust(WIDTH, "="), "blue")
    saved = rehearsal.saved
    if rehearsal.checkpoint is not None:
        yield from (style.paint(f"    {line}", "dim") for line in checkpoint_lines(rehearsal.checkpoint))
    if saved is not None and not saved.failed:
        told = (
            f"saved by {saved.engine} {saved.version} in {saved.save_seconds:.2f} s, ended, and restored in {saved.restore_seconds:.2f} s"
        )
        yield style.paint(f"    {told}", "dim")


def checkpoint_lines(checkpoint: Checkpoint) -> Iterator[str]:
    """What the CUDA checkpoint did, or why there was none."""
    if checkpoint.skipped:
        yield f"no CUDA checkpoint: {checkpoint.skipped}"
        return
    good = [process for process in checkpoint.processes if not process.error]
    if good and not checkpoint.failed:
        yield (
            f"CUDA checkpoint of {len(good)} process{'es' if len(good) != 1 else ''} by driver {checkpoint.driver}: "
            f"{checkpoint.suspend_seconds:.2f} s out, {checkpoint.resume_seconds:.2f} s back"
        )
    if checkpoint.used_before is not None and checkpoint.used_suspended is not None:
        back = f" -> {size(checkpoint.used_after)}" if checkpoint.used_after is not None else ""
        yield f"GPU memory in use {size(checkpoint.used_before)} -> {size(checkpoint.used_suspended)}{back}"
    for process in checkpoint.processes:
        gained = f", {size(max(process.memory, 0))} of host memory more while suspended" if process.memory is not None else ""
        yield f"pid {process.pid}: {process.error or 'suspended and brought back'}{f' at its {process.step}' if process.error else gained}"


def _told(rehearsal: Rehearsal, style: Style) -> Iterator[str]:
    """The user's own traceback, where something failed."""
    failure = rehearsal.failure
    if failure is not None:
        yield style.paint(f"failed in {failure.phase}: {failure.what}", "error")
        yield from (f"  {line}" for line in failure.traceback.splitlines())
    for answer in rehearsal.answers:
        if not answer.good and answer.traceback:
            yield from (f"  {line}" for line in answer.traceback.splitlines())
            break


def _block(finding: Finding, style: Style) -> Iterator[str]:
    if finding.process is not None:
        yield from finding_block([finding], style, WIDTH)
        return
    label = finding.severity.label
    likely = style.paint(" (likely)", "dim") if finding.confidence is Confidence.LIKELY else ""
    yield f"{style.paint(label, label)}{likely} {style.paint(f'{finding.rule} {finding.name}', 'bold')}"
    yield f"  {style.paint('-->', 'blue')} {finding.place.path}:{finding.place.line}"
    for mark, text, kind in (("  = ", finding.message, "blue"), ("  > ", finding.help, "green")):
        for number, line in enumerate(textwrap.wrap(text, WIDTH - len(mark), break_long_words=False, break_on_hyphens=False)):
            yield f"{style.paint(mark, kind) if number == 0 else ' ' * len(mark)}{line}"


def not_as_on_modal(rehearsal: Rehearsal) -> Iterator[str]:
    """What was left over, and where this life differs from one on Modal."""
    yield from (f"outlived the container, and was ended: {survivor}" for survivor in rehearsal.survivors)
    yield from (f"not as on Modal: {note}" for note in rehearsal.notes)


def _notes(rehearsal: Rehearsal, style: Style) -> Iterator[str]:
    for note in not_as_on_modal(rehearsal):
        for number, line in enumerate(textwrap.wrap(note, WIDTH - 2)):
            yield style.paint(line if number == 0 else f"  {line}", "dim")


def verdict(rehearsal: Rehearsal, findings: tuple[Finding, ...]) -> str:
    """One line: did it live, what does a restored container cost, what stands in the way."""
    if rehearsal.kind == model.IN_PLACE and rehearsal.checkpoint is not None:
        return in_place_verdict(rehearsal.checkpoint)
    if rehearsal.failure is not None:
        return f"This life did not come to its end: it failed in {rehearsal.failure.phase}."
    if any(not answer.good for answer in rehearsal.answers):
        return "The container lived, and the request failed."
    errors = sum(1 for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        return f"Not fit for a snapshot: {errors} error{'s' if errors > 1 else ''}."
    restored, cold = rehearsal.restore_seconds, rehearsal.cold_start_seconds
    if cold is None:
        return "It lived, and nothing was asked of it."
    if restored is None:
        return f"It lived. Without a snapshot every container takes all of it: {cold:.1f} s to the first answer here."
    image = "with the image read from disk" if rehearsal.saved is not None else "reading the image comes on top of a restore"
    with_cuda = rehearsal.checkpoint is not None and rehearsal.checkpoint.resume_seconds > 0
    return (
        f"It lived. To the first answer: {restored:.1f} s of a restore{' (CUDA state included)' if with_cuda else ''}, {cold:.1f} s of a cold start, "
        f"on this machine; {image}."
    )
