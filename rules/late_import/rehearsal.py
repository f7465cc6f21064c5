"""See packages that are imported only after the restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.rehearsal.model import RESTORED
from snapdoctor.rule import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.rehearsal.model import Rehearsal

# Below this an import is not worth a line: a restore itself takes longer.
SHORTEST = 0.1
RUNTIME = "modal._runtime"


def check(rehearsal: Rehearsal) -> Iterator[Observation]:
    """Each package that took a tenth of a second or more between the restore and the first answer."""
    if rehearsal.snapshot == "none":
        return
    for one in rehearsal.imports:
        if one.phase not in RESTORED or one.seconds < SHORTEST:
            continue
        who = "Modal's runtime" if one.by.startswith(RUNTIME) else one.by or "the app"
        yield Observation(
            f"{one.name} was imported only after the restore, by {who}, in {one.seconds:.2f} s: every restored container of "
            f"{rehearsal.deployment} pays for it again.",
            f"Write `import {one.name}` at the top of the module (in `with image.imports():` if it is not installed locally).",
        )
