"""Switch the mapping off, in the spelling of the installed version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.app.command_edits import words_added
from snapdoctor.app.edits import call_of, keyword_set
from snapdoctor.engines import llama_server
from snapdoctor.finding import Fix

if TYPE_CHECKING:
    from snapdoctor.app.model import Deployment
    from snapdoctor.rule import Hazard


def fix(deployment: Deployment, hazard: Hazard) -> Fix | None:
    """A flag for the servers, a keyword for `Llama(...)`; nothing where the version does not say which flag it takes."""
    event = hazard.event
    if event is None:
        return None
    if event.launch is None:
        call = call_of(event.site)
        edit = keyword_set(event.site.module, call, "use_mmap", "False") if call is not None else None
        return Fix("Load without mapping", "safe", (edit,)) if edit is not None else None
    words: tuple[str, ...] = ("--use_mmap", "false")
    if event.launch.engine == "llama-server":
        installed = deployment.installed("llama-server")
        if llama_server.rejects_no_mmap(installed) is None:
            return None
        words = tuple(llama_server.spelling(installed).split())
    edit = words_added(event, *words)
    return Fix(f"Add {' '.join(words)}", "safe", (edit,)) if edit is not None else None
