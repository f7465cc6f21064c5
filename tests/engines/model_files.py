"""Small model files with random weights from a fixed seed, made once and kept."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from engines import environment
from engines.cache import digest, entry
from engines.command import run

HERE = Path(__file__).parent


def gguf(width: int = 64) -> Path:
    """A GGUF file that llama.cpp loads; `width` 64 makes 0.4 MB, 768 makes 44 MB, enough to stand out among mappings."""
    return _made("make_gguf.py", f"gguf-{width}", "tiny.gguf", str(width))


def flux2_klein() -> Path:
    """A folder that `Flux2KleinPipeline.from_pretrained` loads."""
    return _made("make_flux2_klein.py", "flux2-klein", "pipeline")


def safetensors() -> Path:
    """A file of four float32 tensors, 4 MB."""
    return _made("make_safetensors.py", "safetensors", "tiny.safetensors")


def in_hub_layout(file: Path, folder: Path, repository: str = "tiny/model") -> Path:
    """Lay a copy of `file` out in `folder` as the Hugging Face cache does; returns the symlink that an engine is given.

    The blob carries the SHA-256 of its contents as its name, and no suffix.
    """
    hub = folder / f"models--{repository.replace('/', '--')}"
    blob = hub / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
    commit = hashlib.sha1(blob.name.encode(), usedforsecurity=False).hexdigest()
    link = hub / "snapshots" / commit / file.name
    for parent in (blob.parent, link.parent, hub / "refs"):
        parent.mkdir(parents=True)
    shutil.copyfile(file, blob)
    link.symlink_to(Path("..", "..", "blobs", blob.name))
    (hub / "refs" / "main").write_text(commit)
    return link


def _made(script: str, name: str, file: str, *arguments: str) -> Path:
    python = environment.python()
    program = HERE / script
    version = digest(program.read_text(encoding="utf-8"), python.parent.parent.name)
    return entry(name, version, lambda folder: _run(python, program, folder / file, arguments)) / file


def _run(python: Path, program: Path, result: Path, arguments: tuple[str, ...]) -> None:
    run(python, program, result, *arguments)
