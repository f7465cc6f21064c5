"""One checkup over all evidence: what source, container and log say of the same hazard becomes one entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.container.model import AFTER_SNAPSHOT
from snapdoctor.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.container.model import ContainerState

CONFIRMED, OPEN, REFUTED = "confirmed", "open", "refuted"
ORDER = (CONFIRMED, OPEN, REFUTED)
# What a state may lack without leaving a check blind: that the tree changed, and what inotify watches.
HARMLESS_GAPS = ("process tree", "watches")


class Entry(NamedTuple):
    """One hazard with all its evidence."""

    rule: str
    name: str
    severity: Severity
    """The worst of its findings."""
    status: str
    """`confirmed`: seen in a container or in a log; `refuted`: the source says so, and a container that would show it does not;
    `open`: the source says so, and nothing else speaks for or against it."""
    reason: str
    """Why it has this status, one sentence."""
    source: tuple[Finding, ...]
    container: tuple[Finding, ...]
    log: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All its evidence, the most decisive first: what happened, what was there, what is written."""
        return (*self.log, *self.container, *self.source)


def entries(
    source: Iterable[Finding],
    container: Iterable[Finding],
    log: Iterable[Finding],
    state: ContainerState | None,
    checked: frozenset[str],
) -> tuple[Entry, ...]:
    """One entry for each rule, the most decisive first.

    `checked` are the rules whose container check ran over `state` and could have seen something there; None and an empty set where no
    container was looked at. The order of the findings does not matter.
    """
    by_rule: dict[str, tuple[list[Finding], list[Finding], list[Finding]]] = {}
    for place, findings in enumerate((source, container, log)):
        for finding in findings:
            by_rule.setdefault(finding.rule, ([], [], []))[place].append(finding)
    made = [_entry(code, *found, state, checked) for code, found in by_rule.items()]
    return tuple(sorted(made, key=lambda entry: (ORDER.index(entry.status), -entry.severity, not entry.log, entry.rule)))


def standing(found: tuple[Entry, ...]) -> tuple[Finding, ...]:
    """The findings of every entry that is not refuted, in the order of the entries."""
    return tuple(finding for entry in found if entry.status != REFUTED for finding in entry.findings)


def _entry(
    code: str, source: list[Finding], container: list[Finding], log: list[Finding], state: ContainerState | None, checked: frozenset[str]
) -> Entry:
    findings = [*log, *container, *source]
    status, reason = _judged(bool(container), bool(log), state, code in checked)
    return Entry(
        code,
        findings[0].name,
        max(finding.severity for finding in findings),
        status,
        reason,
        tuple(sorted(source, key=_key)),
        tuple(sorted(container, key=_key)),
        tuple(sorted(log, key=_key)),
    )


def _judged(in_container: bool, in_log: bool, state: ContainerState | None, was_checked: bool) -> tuple[str, str]:
    if in_container and in_log:
        return CONFIRMED, "It was there in the container, and the log tells of it."
    if in_container or in_log:
        return CONFIRMED, "It was there in the container." if in_container else "The log tells of it."
    if state is None:
        return OPEN, "Only the source was read."
    if not was_checked:
        return OPEN, "Nothing in the container could have shown it."
    blind = _blind(state)
    return (OPEN, f"The container could not show it: {blind}.") if blind else (REFUTED, "The container was looked at, and it is not there.")


def _blind(state: ContainerState) -> str:
    """Why this state says nothing about the hazards of the app; empty when it does."""
    if state.modal.phase == AFTER_SNAPSHOT:
        return "it was looked at after the snapshot"
    if not any(process.engine or process.cuda is not None for process in state.processes):
        return "no engine and no GPU was in use when it was looked at"
    missing = sorted({gap.subject for gap in state.gaps if gap.subject not in HARMLESS_GAPS})
    return f"{', '.join(missing)} could not be seen in full" if missing else ""


def _key(finding: Finding) -> tuple[str, int, int, int, str, str]:
    """By place; what is equal there, by all the rest."""
    place, process = finding.location, finding.process
    return (
        place.path if place is not None else "",
        place.line if place is not None else 0,
        place.column if place is not None else 0,
        process.pid if process is not None else 0,
        process.subject if process is not None else "",
        repr(finding),
    )
