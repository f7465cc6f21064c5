"""A page in a real browser: what a script of ours finds there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = shutil.which("chromium")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def found_in(html: str, script: str, folder: Path, width: int = 500) -> list[str]:
    """The words that `script` (an expression that gives a list) finds in a page that is shown this wide."""
    page = folder / "page.html"
    page.write_text(html.replace("</body>", f"<script>document.title = {script}.join(' ')</script></body>"), encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [str(BROWSER), *QUIET, f"--user-data-dir={profile}", f"--window-size={width},900", "--dump-dom", f"file://{page}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None, done.stdout[:500]
    return title.group(1).split()
