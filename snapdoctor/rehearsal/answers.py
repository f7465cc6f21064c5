"""What requests were answered with, in words."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from modal_proto import api_pb2

from snapdoctor.rehearsal.model import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from snapdoctor.rehearsal.life import Life

LONGEST = 300
SUCCESS = api_pb2.GenericResult.GENERIC_STATUS_SUCCESS
CANCELLED = api_pb2.GenericResult.GENERIC_STATUS_TERMINATED
# Frames of the runtime that called the user's code are of no use to the user.
RUNTIME = (
    "/modal/_runtime/",
    "/modal/_container_entrypoint",
    "/synchronicity/",
    "/modal/_utils/",
    "snapdoctor/rehearsal/",
    "<frozen runpy>",
    "/asyncio/",
)


def answers(life: Life, hide: Callable[[str], str]) -> tuple[Answer, ...]:
    """One for each request that was answered; texts go through `hide` before they are shortened."""
    made = []
    for number, output in enumerate(life.outputs, 1):
        seconds = life.marks[f"output {number}"] - life.marks.get(f"input {number}", life.marks[f"output {number}"])
        result = output.result
        if result.status != SUCCESS:
            what = hide(result.exception)[:LONGEST] or ("cancelled" if result.status == CANCELLED else "it ended without a word")
            made.append(Answer(False, what, seconds, own_frames(result.traceback)))
            continue
        status = _http(life.chunks.get(f"fc-{number - 1}", []), hide)
        text = status if status is not None else _value(life, output, number, hide)
        made.append(Answer(status is None or status[:1] in "23", text, seconds))
    return tuple(made)


def _http(chunks: list[Any], hide: Callable[[str], str]) -> str | None:
    """`200 {"x": 42}`; None when it was no web request."""
    status, body, seen = 0, b"", False
    for chunk in chunks:
        if chunk.data_format != api_pb2.DATA_FORMAT_ASGI:
            continue
        seen = True
        told = api_pb2.Asgi.FromString(chunk.data)
        kind = told.WhichOneof("type")
        if kind == "http_response_start":
            status = told.http_response_start.status
        elif kind == "http_response_body":
            body += told.http_response_body.body
    return f"{status} {hide(body.decode('utf-8', 'replace'))[:LONGEST]}".strip() if seen else None


def _value(life: Life, output: Any, number: int, hide: Callable[[str], str]) -> str:
    parts = [chunk.data for chunk in life.chunks.get(f"fc-{number - 1}", []) if chunk.data_format == api_pb2.DATA_FORMAT_PICKLE]
    if parts:
        return f"{len(parts)} values, the first {_shown(parts[0], hide)}"
    return _shown(output.result.data, hide) if output.data_format == api_pb2.DATA_FORMAT_PICKLE else f"{len(output.result.data)} bytes"


def _shown(data: bytes, hide: Callable[[str], str]) -> str:
    """The value as Python writes it; one whose class cannot be loaded here is said to be that."""
    try:
        text = hide(repr(pickle.loads(data)))
    except Exception as error:
        return f"{len(data)} bytes that cannot be unpickled here ({error})"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def own_frames(traceback: str) -> str:
    """A traceback without the runtime's frames."""
    kept, keep = [], True
    for line in traceback.splitlines():
        if line.startswith("  File "):
            keep = not any(part in line for part in RUNTIME)
        elif not line.startswith("    "):
            keep = True
        if keep:
            kept.append(line)
    return "\n".join(kept)
