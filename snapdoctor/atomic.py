"""Write a file in one step: whoever reads it finds the old text or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` in the place of `path` (a link is followed); raises `OSError`, and what was there is untouched then."""
    import tempfile

    place = Path(os.path.realpath(path))
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".snapdoctor")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise
