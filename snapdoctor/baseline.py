"""Findings that a team has decided to live with for now: a file of fingerprints, no line numbers in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from snapdoctor import atomic
from snapdoctor.config import ConfigError
from snapdoctor.fingerprint import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from snapdoctor.finding import Finding

VERSION = 1


class Entry(NamedTuple):
    """One accepted finding; only the fingerprint counts, the rest is for people who read the file."""

    fingerprint: str
    rule: str
    path: str
    deployment: str | None


class Compared(NamedTuple):
    """Findings against a baseline."""

    new: tuple[Finding, ...]
    known: int
    """Findings that the baseline holds."""
    gone: tuple[Entry, ...]
    """Entries that nothing matches any more."""


def load(path: Path) -> tuple[Entry, ...]:
    """The entries of a baseline; raises `ConfigError` for a file that is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such baseline; `--write-baseline` makes it") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: this baseline cannot be read: {error}") from error
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("findings"), list):
        raise ConfigError(f"{path}: this is no baseline of version {VERSION}; `--write-baseline` writes a new one")
    try:
        return tuple(Entry(one["fingerprint"], one["rule"], one["path"], one.get("deployment")) for one in data["findings"])
    except (TypeError, KeyError) as error:
        raise ConfigError(f"{path}: an entry of this baseline lacks {error}; `--write-baseline` writes a new one") from error


def identities(findings: Sequence[Finding], text_of: Callable[[str], str | None], spelled: dict[str, str]) -> tuple[str, ...]:
    """The fingerprints of findings, their paths spelled from the baseline's folder."""
    return fingerprints(findings, text_of, lambda path: spelled.get(path, path))


def compare(findings: Sequence[Finding], prints: Sequence[str], entries: Sequence[Entry], looked_at: frozenset[str]) -> Compared:
    """Split findings into new and known; an entry is gone only when its file (`looked_at`, as the baseline spells paths) was linted."""
    held = {entry.fingerprint for entry in entries}
    new = tuple(finding for finding, one in zip(findings, prints, strict=True) if one not in held)
    present = set(prints)
    gone = tuple(entry for entry in entries if entry.fingerprint not in present and entry.path in looked_at)
    return Compared(new, len(findings) - len(new), gone)


def unseen(entries: Sequence[Entry], looked_at: frozenset[str], codes: frozenset[str]) -> tuple[Entry, ...]:
    """Entries that a run over these files and rules cannot judge: they stay when the baseline is written anew."""
    return tuple(entry for entry in entries if entry.path not in looked_at or entry.rule not in codes)


def made(findings: Sequence[Finding], prints: Sequence[str], paths: Sequence[str]) -> tuple[Entry, ...]:
    """The entries for these findings."""
    return tuple(Entry(one, finding.rule, path, finding.deployment) for finding, one, path in zip(findings, prints, paths, strict=True))


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Write a baseline in one step, in an order that makes small diffs; raises `OSError`, and the old file is whole then."""
    listed = [
        entry._asdict()
        for entry in sorted(set(entries), key=lambda entry: (entry.path, entry.rule, entry.deployment or "", entry.fingerprint))
    ]
    text = json.dumps({"version": VERSION, "findings": listed}, indent=2, ensure_ascii=False) + "\n"
    atomic.replace(path, text.encode())
