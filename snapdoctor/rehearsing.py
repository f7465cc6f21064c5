"""Run the rules over a rehearsal: what its processes held at the capture, and what only a life that was lived shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor import catalog, probing
from snapdoctor.finding import Finding, ProcessPlace

if TYPE_CHECKING:
    from snapdoctor.catalog import Entry
    from snapdoctor.finding import Location
    from snapdoctor.rehearsal.model import Rehearsal
    from snapdoctor.rule import Observation


def findings(rehearsal: Rehearsal, codes: frozenset[str], place: Location | None) -> tuple[Finding, ...]:
    """What these rules see in a rehearsal, the worst first; `place` is where its deployment is defined. Raises `catalog.CatalogError`."""
    captured = probing.findings(rehearsal.state, codes) if rehearsal.state is not None else ()
    observed = [
        _finding(entry, observation, rehearsal, place)
        for entry in catalog.entries()
        if entry.has_rehearsal_check and entry.rule.code in codes
        for observation in entry.rehearsal_check()(rehearsal)
    ]
    silenced = {code for finding in captured for code in catalog.find(finding.rule).rule.silences}
    found = [*captured, *(finding for finding in observed if finding.rule not in silenced)]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: (-finding.severity, finding.rule)))


def _finding(entry: Entry, observation: Observation, rehearsal: Rehearsal, place: Location | None) -> Finding:
    rule = entry.rule
    return Finding(
        rule.code,
        rule.name,
        observation.severity if observation.severity is not None else rule.severity,
        observation.confidence,
        observation.message,
        observation.help,
        rule.evidence,
        place if observation.process is None else None,
        rehearsal.deployment,
        process=ProcessPlace(*observation.process, "") if observation.process is not None else None,
    )
