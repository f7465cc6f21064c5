"""Tests run from the root of the checkout, against whatever snapdoctor is installed."""

import os
from pathlib import Path

os.chdir(Path(__file__).parent.parent)
os.environ.setdefault("XDG_CACHE_HOME", "/nonexistent-cache")
