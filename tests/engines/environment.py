"""A virtual environment with torch, diffusers, transformers and llama-cpp-python, apart from the one that runs the tests."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from engines import llama_cpp
from engines.cache import digest, entry
from engines.command import run

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def python() -> Path:
    """The interpreter of the environment; installed when absent, one to two minutes where torch has a CPU wheel."""
    binding = llama_cpp.newest()
    release = f"{sys.version_info.major}.{sys.version_info.minor}"
    version = f"{release}-{digest(REQUIREMENTS.read_text(encoding='utf-8'), binding.name)}"
    return entry("python-engines", version, lambda folder: _install(folder, binding)) / "bin" / "python"


def _install(folder: Path, binding: Path) -> None:
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS)
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", *(binding / "wheel").iterdir())
    package = run(python, "-c", "import importlib.util as u; print(u.find_spec('llama_cpp').submodule_search_locations[0])").strip()
    libraries = Path(package, "lib")
    libraries.mkdir(exist_ok=True)
    for library in (binding / "bin").glob("*.so*"):
        shutil.copy2(library, libraries / library.name, follow_symlinks=False)
