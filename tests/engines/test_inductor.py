"""The helper processes of torch.compile: that they stay, and what prevents or ends them (torch 2.13)."""

from __future__ import annotations

from pathlib import Path

from container.programs import running

from engines.maps import children
from engines.server import until

# What Inductor does when it is first used beside Triton, which a CPU build of torch comes without.
COMPILE = """
from torch._inductor import async_compile
async_compile.AsyncCompile.warm_pool()
async_compile.AsyncCompile.wait_pool_ready()
"""
SHUT_DOWN = "async_compile.shutdown_compile_workers()\n"
TWO_THREADS = {"TORCHINDUCTOR_COMPILE_THREADS": "2"}
SIDECAR = "torch/_inductor/compile_worker/__main__.py"


def command(pid: int) -> str:
    """Its command line."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")


def test_pool_outlives_the_compilation(engines_python: Path) -> None:
    """One sidecar, and the workers that it forked, which carry its command line."""
    with running(COMPILE, python=str(engines_python), environment=TWO_THREADS) as program:
        (sidecar,) = children(program.pid)
        workers = children(sidecar)
        assert workers
        for pid in (sidecar, *workers):
            assert SIDECAR in command(pid)
            assert f"--parent={program.pid}" in command(pid)


def test_one_compile_thread_means_no_pool(engines_python: Path) -> None:
    """The remedy that Modal documents."""
    with running(COMPILE, python=str(engines_python), environment={"TORCHINDUCTOR_COMPILE_THREADS": "1"}) as program:
        assert not children(program.pid)


def test_shutting_the_workers_down_ends_them_all(engines_python: Path) -> None:
    """The remedy for a pool that is there: sidecar and workers end, the process goes on."""
    code = (
        COMPILE
        + "print('READY', flush=True)\nsys.stdin.readline()\nasync_compile.shutdown_compile_workers()\nprint('closed', flush=True)\nsys.stdin.read()\n"
    )
    with running(code, python=str(engines_python), environment=TWO_THREADS) as program:
        (sidecar,) = children(program.pid)
        pool = {sidecar, *children(sidecar)}
        assert program.tell("close") == "closed"
        until(lambda: not children(program.pid), "the sidecar to end")
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pool), "its workers to end")
