"""The probe looks at real engines: it knows each process's engine and role, sees weights by their content, and names what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from container.programs import running as running_program

from engines.maps import children
from engines.server import running, until
from snapdoctor import catalog
from snapdoctor.probing import checked, findings, live_state

if TYPE_CHECKING:
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.finding import Finding

MAPPED_WEIGHTS = "SNAP301"
LATE_CHILD = "SNAP206"
INDUCTOR_WORKERS = "SNAP204"
LLAMA = "from llama_cpp import Llama\nmodel = Llama(sys.argv[1], verbose=False, {arguments})\n"
SAFETENSORS = "from safetensors.torch import load_file\nheld = load_file(sys.argv[1])\n"


def roles(state: ContainerState) -> set[tuple[str, str]]:
    """(engine, role) of each process."""
    return {(process.engine, process.role) for process in state.processes}


def weights(state: ContainerState) -> set[tuple[str, str, bool]]:
    """(content, path, shared) of each mapped file that holds a model."""
    content = {file.path: file.content for file in state.files}
    return {
        (content[mapped.path], mapped.path, mapped.shared)
        for process in state.processes
        for mapped in process.mapped
        if content.get(mapped.path) in ("gguf", "safetensors", "torch")
    }


def found(state: ContainerState, code: str) -> list[Finding]:
    """What one rule sees."""
    return [finding for finding in findings(state, checked(entry.rule.code for entry in catalog.entries())) if finding.rule == code]


def test_llama_server(llama_server: Path, large_gguf: Path) -> None:
    """Its mapping is a finding, with the way to start it instead; started that way it is none."""
    with running(llama_server, "-m", large_gguf) as server:
        state = live_state(server.pid)
    assert roles(state) == {("llama-server", "server")}
    assert weights(state) == {("gguf", str(large_gguf), True)}
    (finding,) = found(state, MAPPED_WEIGHTS)
    assert "42 MiB of weights" in finding.message
    assert "--load-mode none" in finding.help

    with running(llama_server, "-m", large_gguf, "--load-mode", "none") as server:
        state = live_state(server.pid)
    assert not weights(state)
    assert not found(state, MAPPED_WEIGHTS)


def test_llama_server_of_a_hub_model(llama_server: Path, hub_gguf: Path) -> None:
    """The blob has no suffix; its first bytes say what it is."""
    with running(llama_server, "-m", hub_gguf) as server:
        state = live_state(server.pid)
    assert weights(state) == {("gguf", str(hub_gguf.resolve()), True)}
    assert len(found(state, MAPPED_WEIGHTS)) == 1


def test_router(llama_server: Path, large_gguf: Path) -> None:
    """Before the first request there is nothing to capture, and the finding is that; afterwards the child has the model."""
    with running(llama_server, "--models-dir", large_gguf.parent) as server:
        before = live_state(server.pid)
        server.post("/v1/completions", {"model": large_gguf.stem, "prompt": "hello", "max_tokens": 1})
        after = live_state(server.pid)
    assert roles(before) == {("llama-server", "router")}
    assert len(found(before, LATE_CHILD)) == 1
    assert roles(after) == {("llama-server", "router"), ("llama-server", "model of a router")}
    assert not found(after, LATE_CHILD)
    assert weights(after) == {("gguf", str(large_gguf), True)}


@pytest.mark.parametrize(("arguments", "stays"), [("", True), ("use_mmap=False", False)])
def test_llama_cpp_python(engines_python: Path, large_gguf: Path, arguments: str, stays: bool) -> None:
    """In process, by the library that it has loaded."""
    with running_program(LLAMA.format(arguments=arguments), str(large_gguf), python=str(engines_python)) as program:
        state = live_state(program.pid)
    assert roles(state) == {("llama-cpp-python", "in process")}
    assert bool(weights(state)) is stays
    assert ["use_mmap=False" in finding.help for finding in found(state, MAPPED_WEIGHTS)] == [True] * stays


def test_llama_cpp_python_server(engines_python: Path, large_gguf: Path) -> None:
    """A program of its own, with an option of its own."""
    with running(engines_python, "-m", "llama_cpp.server", "--model", large_gguf, "--use_mlock", "False", health="/v1/models") as server:
        state = live_state(server.pid)
    assert roles(state) == {("llama-cpp-python", "server")}
    (finding,) = found(state, MAPPED_WEIGHTS)
    assert "--use_mmap false" in finding.help


def test_safetensors_on_the_cpu(engines_python: Path, tiny_safetensors: Path) -> None:
    """They are seen; without a GPU in use they are how a CPU snapshot works, and no finding."""
    with running_program(SAFETENSORS, str(tiny_safetensors), python=str(engines_python)) as program:
        state = live_state(program.pid)
    assert roles(state) == {("torch", "in process")}
    assert weights(state) == {("safetensors", str(tiny_safetensors), False)}
    assert not found(state, MAPPED_WEIGHTS)


def test_compile_workers(engines_python: Path) -> None:
    """Sidecar and workers are told from the process that started them; shut down, they are no finding."""
    code = (
        "from torch._inductor import async_compile\nasync_compile.AsyncCompile.warm_pool()\nasync_compile.AsyncCompile.wait_pool_ready()\n"
        "print('READY', flush=True)\nsys.stdin.readline()\nasync_compile.shutdown_compile_workers()\nprint('closed', flush=True)\nsys.stdin.read()\n"
    )
    with running_program(code, python=str(engines_python), environment={"TORCHINDUCTOR_COMPILE_THREADS": "2"}) as program:
        alive = live_state(program.pid)
        assert program.tell("close") == "closed"
        until(lambda: not children(program.pid), "the sidecar to end")
        closed = live_state(program.pid)
    assert roles(alive) == {("torch", "in process"), ("torch", "compile worker")}
    (finding,) = found(alive, INDUCTOR_WORKERS)
    assert "TORCHINDUCTOR_COMPILE_THREADS" in finding.help or "shutdown_compile_workers" in finding.help
    assert not found(closed, INDUCTOR_WORKERS)
