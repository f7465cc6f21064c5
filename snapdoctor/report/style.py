"""Colour, as far as the terminal and the user want it (NO_COLOR, FORCE_COLOR, TERM=dumb)."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

CODES = {"error": "1;31", "warning": "1;33", "advice": "1;36", "bold": "1", "dim": "2", "blue": "1;34", "green": "1;32"}


def wants_colour(choice: str, stream: TextIO | None = None) -> bool:
    """Whether to colour: `always`, `never`, or `auto` by terminal and environment."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    if os.environ.get("TERM") == "dumb":
        return False
    return (stream or sys.stdout).isatty()


class Style:
    """Paints words, or leaves them as they are."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def paint(self, text: str, kind: str) -> str:
        """The text in the colour of its kind."""
        return f"\x1b[{CODES[kind]}m{text}\x1b[0m" if self.colour else text
