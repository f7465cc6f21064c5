"""Source of the requests that a hook sends to the engine it started."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import libcst as cst

from snapdoctor.app.command_edits import literal_of
from snapdoctor.app.import_edits import imports
from snapdoctor.app.questions import engine_of
from snapdoctor.app.span import Text
from snapdoctor.engines.command import role

if TYPE_CHECKING:
    from snapdoctor.app.model import Event

# Short enough for the smallest default context (llama-cpp-python: 512 tokens), and three sizes for three sets of kernels.
SIZES = "for words in (8, 64, 256):"
INDENT = "    "


def post(event: Event, path: str, body: str) -> list[str] | None:
    """Statements that POST `body` (Python source) to the server started by `event` and fail when it refuses; None where its port is unknown."""
    place = address(event, path)
    if place is None:
        return None
    if imports(event.site.module, "requests"):
        return [f"requests.post({place}, json={body}, timeout=300).raise_for_status()"]
    if imports(event.site.module, "httpx"):
        return [f"httpx.post({place}, json={body}, timeout=300).raise_for_status()"]
    data = 'b"{}"' if body == "{}" else f"json.dumps({body}).encode()"
    return [
        f'request = urllib.request.Request({place}, {data}, {{"Content-Type": "application/json"}})',
        "urllib.request.urlopen(request, timeout=300).read()",
    ]


def address(event: Event, path: str) -> str | None:
    """The address as a literal, or as an f-string over the name that the command line takes its port from."""
    engine = engine_of(event)
    if event.launch is None or engine is None:
        return None
    told = role(event.launch, "port")
    named = _named_port(event, engine.names("port"))
    if named is not None:
        return f'f"http://127.0.0.1:{{{named}}}{path}"'
    port = engine.default_port if told.present is False else (int(told.value) if told.value and told.value.isdigit() else None)
    return f'"http://127.0.0.1:{port}{path}"' if port is not None else None


def _named_port(event: Event, options: tuple[str, ...]) -> str | None:
    """`PORT`, where the command says `"--port", str(PORT)` or `f"--port={PORT}"`; module constants only."""
    node = literal_of(event)
    if not isinstance(node, (cst.List, cst.Tuple)):
        return None
    text = Text(event.site.module)
    values = [element.value for element in node.elements]
    for option, value in pairwise(values):
        if isinstance(option, cst.SimpleString) and option.evaluated_value in options:
            match = re.fullmatch(r"str\(([A-Z_]+)\)|f\"\{([A-Z_]+)\}\"", text.code(value))
            return (match[1] or match[2]) if match is not None else None
    return None
