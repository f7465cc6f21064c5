"""The byte scan that decides whether a file can be a Modal app at all, before anything is parsed."""

from __future__ import annotations

import re

# An import of modal in any spelling, also behind `;`, inside a block or with a line continuation. Never loses an app;
# a file that merely mentions such a line in a string costs one parse.
IMPORT = re.compile(rb"(?:\bimport\b[^\n#]*?(?:\\\r?\n[^\n#]*?)*\bmodal\b)|(?:\bfrom\s*(?:\\\r?\n\s*)*modal\b)")


def may_be_app(source: bytes) -> bool:
    """Whether the file may import modal."""
    if b"modal" not in source:
        return source.startswith((b"\xff\xfe", b"\xfe\xff"))
    return IMPORT.search(source) is not None
