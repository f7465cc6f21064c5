"""Run a build step: quiet when it succeeds, with the end of its output when it fails."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def run(*command: str | Path, environment: dict[str, str] | None = None) -> str:
    """Standard output and error of `command`, which gets `environment` on top of ours; raises RuntimeError when it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **(environment or {})}, check=False
        )
    except FileNotFoundError as error:
        raise RuntimeError(f"{words[0]} is not installed; see the package list in .ci/run") from error
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} exited with status {done.returncode}; its last output:\n{done.stdout[-4000:]}")
    return done.stdout
