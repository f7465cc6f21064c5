"""What a rule is: its metadata, and the hazard a check hands back before it has a place on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snapdoctor.finding import Confidence, Evidence, Severity

if TYPE_CHECKING:
    from snapdoctor.app.model import Event, Site
    from snapdoctor.container.model import Process


class Rule(NamedTuple):
    """A hazard's metadata; each folder under `rules/` holds one as `RULE`."""

    code: str
    name: str
    """Kebab case, named for the bad thing."""
    summary: str
    """One sentence: what goes wrong for the snapshot."""
    severity: Severity
    """The usual severity; a check may lower or raise it for one place."""
    evidence: tuple[Evidence, ...]
    triggers: tuple[bytes, ...] = ()
    """The check can only fire in a project whose files hold one of these; empty: always run."""
    silences: tuple[str, ...] = ()
    """Codes that say nothing about a deployment where this one speaks."""
    default: bool = True
    """Whether the rule runs unless selected by name."""


class Hazard(NamedTuple):
    """What a source check yields: a finding that still points at a tree node instead of a line."""

    site: Site
    message: str
    """What is wrong and why it matters for the snapshot, in one or two sentences."""
    help: str
    """What to type."""
    severity: Severity | None = None
    """None: the rule's own."""
    confidence: Confidence = Confidence.CERTAIN
    related: tuple[tuple[Site, str], ...] = ()
    event: Event | None = None
    """What the rule's fix works on."""
    subject: str = ""
    """Which of several things about the event is meant (an option's name), for the fix."""


class Sighting(NamedTuple):
    """What a container check yields: a hazard seen in a live process."""

    process: Process
    message: str
    """What is wrong and why it matters for the snapshot, in one or two sentences."""
    help: str
    """What to type."""
    subject: str = ""
    """The file, socket, device or variable that it is about; empty: the process itself."""
    severity: Severity | None = None
    """None: the rule's own."""
    confidence: Confidence = Confidence.CERTAIN


class Observation(NamedTuple):
    """What a rehearsal check yields: a hazard seen happening."""

    message: str
    """What was seen, with its measure, and why it matters for the snapshot, in one or two sentences."""
    help: str
    """What to type."""
    severity: Severity | None = None
    """None: the rule's own."""
    confidence: Confidence = Confidence.CERTAIN
    process: tuple[int, str] | None = None
    """Process id and command, where it happened to one process."""
