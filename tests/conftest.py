"""Tests run from the root of the checkout, against whatever snapdoctor is installed."""

import os
from pathlib import Path

from engines import cache

os.chdir(Path(__file__).parent.parent)
# Real engines are kept in the user's own cache, which what is under test must not see.
os.environ.setdefault("SNAPDOCTOR_TEST_CACHE", str(cache.root()))
os.environ.setdefault("XDG_CACHE_HOME", "/nonexistent-cache")

from engines.fixtures import (  # noqa: E402
    engines_python,
    hub_gguf,
    large_gguf,
    llama_server,
    sglang_parser,
    tiny_flux2_klein,
    tiny_gguf,
    tiny_safetensors,
)

__all__ = ["engines_python", "hub_gguf", "large_gguf", "llama_server", "sglang_parser", "tiny_flux2_klein", "tiny_gguf", "tiny_safetensors"]
