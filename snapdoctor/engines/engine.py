"""What an inference engine is to snapdoctor: how it is launched, what it maps, its snapshot protocol. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from snapdoctor.app.values import Arguments, Item, Value


class Version(NamedTuple):
    """A release as comparable numbers; llama.cpp builds are `(0, 0, N)` of `bN` with `build` set."""

    numbers: tuple[int, ...]
    text: str
    build: int | None = None
    """llama.cpp build number (`b10884`), where the version is one."""

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read `0.5.9`, `v0.15.1`, `0.5.6.post2`, `b10884`; None when it is none of these."""
        build = re.fullmatch(r"b(\d{3,6})", text.strip())
        if build:
            return cls((0, 0, int(build[1])), text, int(build[1]))
        match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
        if not match:
            return None
        return cls(tuple(int(part) for part in match[1].split(".")), text)

    def below(self, *numbers: int) -> bool:
        """Whether it is older than `numbers`."""
        return self.numbers < numbers


class Launch(NamedTuple):
    """A child process as far as its command is known."""

    program: str | None
    """Base name of the executable (`llama-server`, `python`), or None."""
    argv: tuple[Item, ...]
    """Arguments in order (program first); `Spread` marks what differs by branch or is unknown."""
    open: bool
    """More arguments may come from what could not be read."""
    environment: Value | None
    """The `env=` argument; None: the parent's environment."""
    engine: str | None
    """Name of the engine that recognised it (`llama-server`, `sglang`), or None."""
    waits: bool
    """The call returns only after the process has ended (`subprocess.run`, `os.system`)."""
    shell: bool
    output: Value | None = None
    """The `stdout=` argument."""


class Load(NamedTuple):
    """A model loaded in process."""

    engine: str
    """Name of the engine (`diffusers`, `llama-cpp-python`, `vllm`, ...)."""
    model: str | None
    """Model id or path, unknown pieces as `\\0`."""
    arguments: Arguments
    child: bool
    """The engine's Python API itself keeps the GPU in a child process (SGLang; vLLM V1)."""


class Flag(NamedTuple):
    """What a command line says about one option."""

    present: bool | None
    """True: surely there; False: surely not; None: unknown or in one branch only."""
    value: str | None
    """The value given with it, if known."""


class Engine(NamedTuple):
    """One engine's facts. Functions over these facts live in its module."""

    name: str
    title: str
    """As people write it: `llama-server`, `SGLang`."""
    package: str | None
    """The Python package whose version is its version."""
    launches: tuple[str, ...]
    """Program base names or `-m` modules by which a command is recognised."""
    loads: tuple[str, ...]
    """Dotted callables that load a model in process (`llama_cpp.Llama`); `*` ends a prefix match."""
    calls: tuple[str, ...] = ()
    """Method names of a loaded object that run inference (`generate`, `encode`); `__call__` for calling it."""
    modules: tuple[str, ...] = ()
    """Import names that are heavy to import or that mark its use."""
    default_host: str | None = None
    """Where its server listens when not told."""
    default_port: int | None = None
    health_paths: tuple[str, ...] = ()
    warmup_paths: tuple[str, ...] = ()
    sleep_paths: tuple[str, ...] = ()
    wake_paths: tuple[str, ...] = ()
    holds_model: bool = True
    """False for a front end or client only."""
    lazy_child: bool = False
    """The process that holds the model starts at the first request (Ollama, llama-server in router mode)."""
    snapshot_protocol: bool = False
    """It has a sleep or release step made for snapshots (vLLM, SGLang, LMDeploy)."""
    gpu: bool = True
    """It uses a GPU by default when there is one."""
