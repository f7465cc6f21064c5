"""Pytest fixtures over the real engines; `tests/conftest.py` offers them to every test. Each makes what is absent at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engines import environment, llama_cpp, model_files
from engines.sglang_parser import Parsed, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def llama_server() -> Path:
    """The newest `llama-server`."""
    return llama_cpp.llama_server()


@pytest.fixture(scope="session")
def engines_python() -> Path:
    """A Python with torch, diffusers, transformers, safetensors, gguf and llama-cpp-python."""
    return environment.python()


@pytest.fixture(scope="session")
def tiny_gguf() -> Path:
    """A GGUF file of 0.4 MB."""
    return model_files.gguf()


@pytest.fixture(scope="session")
def large_gguf() -> Path:
    """A GGUF file of 44 MB."""
    return model_files.gguf(768)


@pytest.fixture
def hub_gguf(tmp_path: Path) -> Path:
    """The tiny GGUF behind a symlink, as the Hugging Face cache lays it out."""
    return model_files.in_hub_layout(model_files.gguf(), tmp_path)


@pytest.fixture(scope="session")
def tiny_flux2_klein() -> Path:
    """A Flux2 Klein pipeline of half a megabyte."""
    return model_files.flux2_klein()


@pytest.fixture(scope="session")
def tiny_safetensors() -> Path:
    """A safetensors file of 4 MB."""
    return model_files.safetensors()


@pytest.fixture(scope="session")
def sglang_parser() -> Iterator[Callable[..., list[Parsed]]]:
    """SGLang's argument parser: takes lists of arguments, gives what it makes of each."""
    with started() as parse:
        yield parse
