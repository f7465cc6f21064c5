"""Run the rules over a container's state: what is seen in live processes becomes findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor import catalog
from snapdoctor.finding import Finding, ProcessPlace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snapdoctor.catalog import Entry
    from snapdoctor.container.model import ContainerState
    from snapdoctor.rule import Sighting


def findings(state: ContainerState, codes: frozenset[str]) -> tuple[Finding, ...]:
    """What these rules see in a container, the worst first; silenced ones are left out. Raises `catalog.CatalogError`."""
    seen: list[tuple[Entry, Sighting]] = []
    for entry in catalog.entries():
        if entry.has_container_check and (entry.rule.code in codes or entry.rule.silences):
            seen += [(entry, sighting) for sighting in entry.container_check()(state)]
    silenced = {(sighting.process.pid, code) for entry, sighting in seen for code in entry.rule.silences}
    made = [
        _finding(entry, sighting)
        for entry, sighting in seen
        if entry.rule.code in codes and (sighting.process.pid, entry.rule.code) not in silenced
    ]
    return tuple(sorted(dict.fromkeys(made), key=_order))


def live_state(pid: int | None = None, without: int | None = None) -> ContainerState:
    """The tree below `pid`, or this whole container, looked at from a child process; raises `looking.LookFailed`.

    `without` is a process that is left out with everybody that it has started: the command that asks.
    """
    from snapdoctor.container.document import from_data
    from snapdoctor.looking import look

    return from_data(look("state", *("" if one is None else str(one) for one in (pid, without)))["state"])


def checked(codes: Iterable[str]) -> frozenset[str]:
    """Those of these rules that have a container check."""
    return frozenset(entry.rule.code for entry in catalog.entries() if entry.has_container_check) & frozenset(codes)


def telling(state: ContainerState, codes: Iterable[str]) -> frozenset[str]:
    """Those of these rules whose silence about this container means something: what they look for could have been there."""
    return frozenset(entry.rule.code for entry in catalog.entries() if entry.could_show(state)) & frozenset(codes)


def _finding(entry: Entry, sighting: Sighting) -> Finding:
    rule, process = entry.rule, sighting.process
    return Finding(
        rule=rule.code,
        name=rule.name,
        severity=sighting.severity if sighting.severity is not None else rule.severity,
        confidence=sighting.confidence,
        message=sighting.message,
        help=sighting.help,
        evidence=rule.evidence,
        location=None,
        process=ProcessPlace(process.pid, " ".join(process.command) or process.name, sighting.subject),
    )


def _order(finding: Finding) -> tuple[int, str, int, str]:
    pid = finding.process.pid if finding.process is not None else 0
    return (-finding.severity, finding.rule, pid, finding.process.subject if finding.process is not None else "")
