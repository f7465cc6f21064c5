"""What commands read beside source: logs, also while they are being written, and saved container states."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.gathering import Log

CHUNK = 1 << 20


@contextlib.contextmanager
def opened_log(name: str | None) -> Iterator[Log | None]:
    """The log of this name, `-` for standard input, None for none; one that cannot be read is an error of the command line."""
    from snapdoctor.gathering import Log

    if name is None:
        yield None
    elif name == "-":
        yield Log("<stdin>", _chunks(sys.stdin.buffer))
    else:
        try:
            with open(name, "rb") as file:
                yield Log(name, _chunks(file))
        except OSError as error:
            raise click.ClickException(f"{name}: this log cannot be read: {error.strerror}") from error


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """What there is, as it comes: a pipe is not waited on until it is full."""
    read = getattr(file, "read1", file.read)
    while chunk := read(CHUNK):
        yield chunk


def saved_state(path: Path) -> ContainerState:
    """The state that a file holds; one that holds none is an error of the command line."""
    from snapdoctor.container.document import BadState, from_json

    try:
        return from_json(path.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{path}: this state cannot be read: {error.strerror}") from error
    except BadState as error:
        raise click.ClickException(f"{path}: {error}; `snapdoctor probe --save {path}` writes one") from error
