"""What the rules see in containers: on states recorded from real GPU programs, and on processes that the tests start."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from container.programs import running
from snapdoctor import catalog
from snapdoctor.container.document import from_json
from snapdoctor.container.model import BEFORE_SNAPSHOT, LOCKED, ContainerState, DeviceUse, Gap, MappedFile, Modal
from snapdoctor.container.questions import linked_by_nccl
from snapdoctor.container.reader import read_state
from snapdoctor.container.roles import recognised
from snapdoctor.finding import Confidence, Severity
from snapdoctor.linting import active_codes
from snapdoctor.probing import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.finding import Finding

ALL = active_codes(("ALL",), ())
RECORDED = Path("fixtures/states/gpu")
# What each recorded program shows; `tests/gpu/results/probe.txt` has what the driver's checkpoint then did with it.
SHOWN = {
    "8_gib_on_the_device": [],
    "asked_for_availability": [],
    "compiled_one_thread": [],
    "compiled_pool_alive": ["SNAP204"],
    "context": [],
    "cuda_graph": [],
    "dataloader_workers": ["SNAP203", "SNAP203", "SNAP203"],
    "executed_child_with_a_context": ["SNAP201"],
    "expandable_segments": [],
    "forked_child": ["SNAP203"],
    "libcuda_initialised": [],
    "managed_memory": ["SNAP305"],
    "nccl_one_rank": ["SNAP607"],
    "no_cuda": [],
    "nvml_only": [],
    "pinned_memory": [],
    "spawned_worker_with_a_context": ["SNAP201"],
    "torch_imported": [],
}


def recorded(name: str) -> ContainerState:
    return from_json((RECORDED / f"{name}.json").read_bytes())


def codes(state: ContainerState) -> list[str]:
    return sorted(finding.rule for finding in findings(state, ALL))


def only(state: ContainerState, code: str) -> Finding:
    """The one finding of a rule."""
    (found,) = [finding for finding in findings(state, ALL) if finding.rule == code]
    assert found.location is None
    assert found.process is not None
    assert found.message.endswith(".")
    assert found.help.endswith((".", ")"))
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_recorded_gpu_programs(name: str) -> None:
    """Exactly these hazards are seen."""
    assert codes(recorded(name)) == SHOWN[name]


def test_every_recorded_program_is_expected() -> None:
    """A recording without an expectation would test nothing."""
    assert {path.stem for path in RECORDED.glob("*.json")} == set(SHOWN)


@pytest.mark.parametrize("entry", [entry for entry in catalog.entries() if entry.has_container_check], ids=lambda entry: entry.rule.code)
@pytest.mark.parametrize("name", SHOWN)
def test_no_check_is_surprised_by_what_is_unknown(entry: catalog.Entry, name: str) -> None:
    """The same state with everything that may be unknown made unknown gives no finding and no crash."""
    state = recorded(name)
    blind = state._replace(
        files=(),
        gpus=(),
        mounts=(),
        limits=state.limits._replace(memory=None, machine=None, used=None),
        runtime=state.runtime._replace(kind="gvisor", generation="", driver="", machine=""),
        processes=tuple(
            process._replace(
                origin=None, anonymous=None, shared=None, resident=None, mapped=(), descriptors=(), command=(), environment=(), engine="", role="",
                cuda=None if process.cuda is None else process.cuda._replace(state=None, memory=None, devices=()),
            )
            for process in state.processes
        ),
    )  # fmt: skip
    assert list(entry.container_check()(blind)) == []


STATES = sorted(Path("rules").glob("*/states/*.json"))
CHECKED = [entry for entry in catalog.entries() if entry.has_container_check]


@pytest.mark.parametrize("path", STATES, ids=lambda path: f"{path.parts[1]}/{path.stem}")
def test_recorded_states_of_each_rule(path: Path) -> None:
    """A state whose name begins with `shows-` has findings of its rule, one that begins with `clean-` has none."""
    entry = next(entry for entry in CHECKED if entry.folder == path.parts[1])
    seen = list(entry.container_check()(from_json(path.read_bytes())))
    prefix = path.name.partition("-")[0]
    assert prefix in ("shows", "clean")
    assert bool(seen) == (prefix == "shows")
    for sighting in seen:
        for text in (sighting.message, sighting.help):
            assert text.endswith((".", ")")), text
            assert "None" not in text


@pytest.mark.parametrize("path", STATES, ids=lambda path: f"{path.parts[1]}/{path.stem}")
def test_no_check_finds_more_than_is_named(path: Path) -> None:
    """Over everybody's states: nothing crashes, and a finding of another rule is one that this state is known for."""
    found = {finding.rule for finding in findings(from_json(path.read_bytes()), ALL)}
    own = next(entry.rule.code for entry in CHECKED if entry.folder == path.parts[1])
    assert found - {own} == OF_OTHER_RULES.get(f"{path.parts[1]}/{path.stem}", set())


OF_OTHER_RULES = {
    "engine_flag_mismatch/shows-variable-that-is-ignored": {"SNAP301"},
    "late_child/clean-router-after-its-first-request": {"SNAP301"},
}


def test_recorded_states_tell_nothing_of_who_recorded_them() -> None:
    """No folder of the machine, no process id that was not numbered anew."""
    for path in STATES:
        text = path.read_text()
        assert not any(place in text for place in ('"/tmp', '"/root', '"/home', '"/work')), path
        state = from_json(text)
        assert [process.pid for process in state.processes] == list(range(100, 100 + len(state.processes)))


def test_every_rule_with_a_check_has_a_state_that_shows_it() -> None:
    """Recorded from a real process, here or on a real GPU; for the others a test says with which change of one they are seen."""
    shown = {path.parts[1] for path in STATES if path.name.startswith("shows-")}
    on_gpu = {code for seen in SHOWN.values() for code in seen}
    left = {entry.rule.code for entry in CHECKED if entry.folder not in shown and entry.rule.code not in on_gpu}
    assert left == {"SNAP106", "SNAP110", "SNAP303", "SNAP304", "SNAP306", "SNAP307"}


# ---- GPU hazards that the recordings lack, composed from them with measured numbers ----


def changed(state: ContainerState, **of_first: object) -> ContainerState:
    """The state with its first process changed."""
    first, *rest = state.processes
    return state._replace(processes=(first._replace(**of_first), *rest))  # type: ignore[arg-type]


def test_several_gpus() -> None:
    """Initialising CUDA opens every GPU of the container."""
    state = recorded("context")
    cuda = state.processes[0].cuda
    assert cuda is not None
    second = DeviceUse("/dev/nvidia1", 23, 3, 1 << 20)
    one = changed(state, cuda=cuda._replace(devices=(*cuda.devices, second)))
    found = only(one, "SNAP106")
    assert "2 GPUs" in found.message
    assert found.severity is Severity.WARNING


def test_several_gpus_that_nccl_links() -> None:
    """Two such processes with NCCL are captured and never restored (measured); with its links off they are as any others."""
    state = recorded("context")
    first = state.processes[0]
    assert first.cuda is not None
    nccl = first.mapped[0]._replace(path="/usr/lib/libnccl.so.2")
    rank = first._replace(
        cuda=first.cuda._replace(devices=(*first.cuda.devices, DeviceUse("/dev/nvidia1", 23, 3, 1 << 20))), mapped=(*first.mapped, nccl)
    )
    ranks = state._replace(processes=(rank, rank._replace(pid=rank.pid + 1, parent=rank.pid)))
    found = findings(ranks, active_codes(("SNAP106",), ()))
    assert [(finding.severity, finding.confidence) for finding in found] == [(Severity.ERROR, Confidence.LIKELY)] * 2
    assert len(linked_by_nccl(ranks)) == 2
    off = (("NCCL_P2P_DISABLE", "1"), ("NCCL_SHM_DISABLE", "1"))
    apart = ranks._replace(processes=tuple(process._replace(environment=off) for process in ranks.processes))
    assert linked_by_nccl(apart) == ()
    assert {finding.severity for finding in findings(apart, active_codes(("SNAP106",), ()))} == {Severity.WARNING}


def test_a_limit_that_the_capture_does_not_fit_into() -> None:
    """9,030 MiB on the GPU and what the process holds need more than 8 GiB."""
    state = recorded("8_gib_on_the_device")
    tight = state._replace(limits=state.limits._replace(memory=8 << 30))
    found = only(tight, "SNAP306")
    assert found.severity is Severity.ERROR
    assert "8.8 GiB of GPU memory" in found.message
    assert "limit is 8.0 GiB" in found.message
    assert "SNAP306" not in codes(state)


def test_weights_that_wait_in_host_memory() -> None:
    """4 GiB of safetensors mapped and resident, 838 MiB on the GPU."""
    state = recorded("context")
    path = "/models/model.safetensors"
    file = recorded("forked_child").files[0]._replace(path=path, content="safetensors", size=4 << 30, mount="/")
    mapped = MappedFile(path, False, True, False, 1, 4 << 30, 4 << 30, 0)
    offloaded = changed(state._replace(files=(*state.files, file)), mapped=(*state.processes[0].mapped, mapped))
    assert "4.0 GiB of weights in host memory" in only(offloaded, "SNAP307").message
    assert "SNAP301" in codes(offloaded)
    assert "SNAP307" not in codes(changed(offloaded, engine="sglang"))


def test_cuda_that_is_already_suspended() -> None:
    """A second checkpoint of a locked process fails."""
    state = recorded("context")
    cuda = state.processes[0].cuda
    assert cuda is not None
    assert "as locked" in only(changed(state, cuda=cuda._replace(state=LOCKED)), "SNAP209").message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"driver": "535.183.01"}, "too old for CUDA checkpoints"),
        ({"driver": "550.90.07"}, "used NVML"),
        ({"machine": "aarch64"}, "x86-64 only"),
    ],
)
def test_machines_without_cuda_checkpoints(change: dict[str, str], said: str) -> None:
    """Old drivers and other processors."""
    state = recorded("context")
    assert said in only(state._replace(runtime=state.runtime._replace(**change)), "SNAP209").message


def test_a_partitioned_gpu() -> None:
    """MIG is not supported by any driver."""
    state = recorded("context")
    assert "MIG" in only(state._replace(gpus=(state.gpus[0]._replace(partitioned=True),)), "SNAP209").message


def test_a_forked_child_by_the_age_of_gvisor() -> None:
    """Refused in 2025, saved since mid-2026, and a release that cannot be placed is a warning."""
    state = recorded("forked_child")
    by_generation = {
        generation: only(state._replace(runtime=state.runtime._replace(kind="gvisor", generation=generation)), "SNAP203").severity
        for generation in ("2025-11", "2026-08", "")
    }
    assert by_generation == {"2025-11": Severity.ERROR, "2026-08": Severity.WARNING, "": Severity.WARNING}


def test_compile_workers_that_hold_gpu_devices() -> None:
    """Then it is more than advice."""
    pool, child = recorded("compiled_pool_alive"), recorded("forked_child").processes[1]
    holding = pool._replace(processes=(pool.processes[0], pool.processes[1]._replace(cuda=child.cuda)))
    assert only(holding, "SNAP204").severity is Severity.WARNING
    assert only(pool, "SNAP204").severity is Severity.ADVICE
    assert "SNAP203" not in codes(holding)


def test_an_empty_capture() -> None:
    """A GPU container just before its capture that holds an interpreter and nothing else."""
    before = Modal(True, False, "ta-1", BEFORE_SNAPSHOT)
    state = changed(recorded("no_cuda"), anonymous=9 << 20, shared=0)
    assert only(state._replace(modal=before), "SNAP110").confidence is Confidence.LIKELY
    assert "SNAP110" not in codes(state)
    assert "SNAP110" not in codes(recorded("context")._replace(modal=before))


def test_a_forked_child_where_the_driver_cannot_be_asked() -> None:
    """Its missing thread says it, below a parent that has that thread; a child that executed a program of its own proves nothing."""
    state = recorded("forked_child")
    unasked = state._replace(
        processes=tuple(process._replace(cuda=process.cuda._replace(state=None)) for process in state.processes if process.cuda is not None)
    )
    assert "SNAP203" in codes(unasked)
    parent, child = unasked.processes
    assert "SNAP203" not in codes(unasked._replace(processes=(parent, child._replace(origin="exec"))))
    assert parent.cuda is not None
    threadless = parent._replace(cuda=parent.cuda._replace(restore_thread=False))
    assert "SNAP203" not in codes(unasked._replace(processes=(threadless, child)))


def test_forked_processes_are_not_added_up() -> None:
    """A parent and three DataLoader workers show 426 MiB each and share nearly all of it; 838 MiB are on the GPU."""
    state = recorded("dataloader_workers")
    assert "SNAP306" not in codes(state._replace(limits=state.limits._replace(memory=1300 << 20)))
    assert "SNAP306" in codes(state._replace(limits=state.limits._replace(memory=1200 << 20)))


def test_memory_whose_file_pages_are_not_told_apart() -> None:
    """gVisor shows resident memory only: what may be pages of files does not count."""
    state = recorded("8_gib_on_the_device")
    gvisor = changed(state, anonymous=None, shared=None, resident=4 << 30)
    libraries = sum(one.size for one in gvisor.processes[0].mapped)
    surely = 9030 + ((4 << 30) - libraries >> 20)
    assert "SNAP306" in codes(gvisor._replace(limits=gvisor.limits._replace(memory=surely - 1 << 20)))
    assert "SNAP306" not in codes(gvisor._replace(limits=gvisor.limits._replace(memory=surely + 1 << 20)))


def test_managed_memory_is_certain_only_where_it_was_measured() -> None:
    """The size of a context's own range is known for one driver series and one GPU."""
    state = recorded("managed_memory")
    assert only(state, "SNAP305").confidence is Confidence.CERTAIN
    other = state._replace(runtime=state.runtime._replace(driver="595.10.01"))
    assert only(other, "SNAP305").confidence is Confidence.LIKELY
    cuda = state.processes[0].cuda
    assert cuda is not None
    assert "SNAP305" not in codes(changed(state, cuda=cuda._replace(devices=(*cuda.devices, DeviceUse("/dev/nvidia1", 23, 3, 1 << 20)))))


def test_llama_cpp_that_was_told_to_use_managed_memory() -> None:
    """The variable counts whatever its value, for a process that uses the GPU."""
    switched = (("GGML_CUDA_ENABLE_UNIFIED_MEMORY", "0"),)
    state = changed(recorded("context"), engine="llama-cpp-python", environment=switched)
    found = only(state, "SNAP305")
    assert found.process is not None
    assert found.process.subject == "GGML_CUDA_ENABLE_UNIFIED_MEMORY"
    assert "SNAP305" not in codes(changed(state, cuda=None))
    assert "SNAP305" not in codes(changed(state, engine="torch"))


def test_a_scheduler_of_an_engine_in_process() -> None:
    """`sglang.Engine` has no command line; the saver's library is loaded by its scheduler, or is not."""
    state = recorded("executed_child_with_a_context")
    main, child = state.processes
    scheduler = child._replace(command=("sglang::scheduler",), engine="sglang", role="scheduler")
    bare = state._replace(processes=(main, scheduler))
    assert "enable_memory_saver=True" in only(bare, "SNAP303").help
    library = scheduler.mapped[0]._replace(path="/site-packages/torch_memory_saver_hook_mode_preload.abi3.so")
    assert "SNAP303" not in codes(state._replace(processes=(main, scheduler._replace(mapped=(*scheduler.mapped, library)))))
    assert "SNAP303" not in codes(bare._replace(gaps=(Gap("mappings", scheduler.pid, "they cannot be read"),)))


def test_processes_that_come_and_go() -> None:
    """Advice, where there is a GPU to be missed."""
    moving = (Gap("process tree", None, "3 processes appeared or ended while it was looked at"),)
    assert only(recorded("context")._replace(gaps=moving), "SNAP209").severity is Severity.ADVICE
    assert "SNAP209" not in codes(recorded("no_cuda")._replace(gaps=moving))


@pytest.mark.parametrize(
    ("command", "environment", "expected"),
    [
        ("/app/llama-server -m /models/m.gguf", {}, ("llama-server", "server")),
        ("/app/llama-server --port 8080", {}, ("llama-server", "router")),
        ("/app/llama-server --port 8080", {"LLAMA_ARG_HF_REPO": "ggml-org/x"}, ("llama-server", "server")),
        ("/app/llama-server -m m.gguf", {"LLAMA_SERVER_ROUTER_PORT": "8080"}, ("llama-server", "model of a router")),
        ("llama-cli -m m.gguf -p hello", {}, ("llama-server", "in process")),
        ("tini -- /app/llama-server -m m.gguf", {}, ("", "")),
        ("uv run vllm serve m", {}, ("", "")),
        ("/bin/sh -c pkill -f sglang::scheduler", {}, ("", "")),
        ("/usr/bin/python3 /usr/local/bin/vllm serve m", {}, ("vllm", "server")),
        ("/usr/local/bin/ollama serve", {}, ("ollama", "router")),
        ("/usr/local/bin/ollama run gemma", {}, ("", "")),
        ("sglang::scheduler_TP0", {}, ("sglang", "scheduler")),
        ("VLLM::EngineCore", {}, ("vllm", "engine core")),
    ],
)
def test_roles_by_live_command_lines(command: str, environment: dict[str, str], expected: tuple[str, str]) -> None:
    """A process that only starts or waits for an engine is none itself."""
    assert recognised("x", tuple(command.split()), environment, ()) == expected


# ---- hazards that need no GPU: real processes ----


@contextlib.contextmanager
def engine(
    tmp_path: Path, module: str, *arguments: str, environment: dict[str, str] | None = None, body: str = ""
) -> Iterator[ContainerState]:
    """The state of a process with an engine's real command line; `body` is what it does instead of serving."""
    package = tmp_path.joinpath(*module.split("."))
    package.parent.mkdir(parents=True, exist_ok=True)
    package.with_suffix(".py").write_text(f"import os, sys\n{body}\nprint('READY', flush=True)\nsys.stdin.read()\n")
    starter = (
        "import subprocess\n"
        f"child = subprocess.Popen([sys.executable, '-m', {module!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "assert child.stdout.readline() == 'READY\\n'\n"
    )
    with running(starter, *arguments, environment={"PYTHONPATH": str(tmp_path), **(environment or {})}) as program:
        yield read_state(program.pid)


LISTEN = "import socket\nlistener = socket.create_server(({!r}, 0))"


def test_sglang_without_its_memory_saver(tmp_path: Path) -> None:
    """Its live command line says so, in any spelling that its parser takes."""
    body = LISTEN.format("0.0.0.0")
    with engine(tmp_path, "sglang.launch_server", "--model-path", "m", body=body) as state:
        assert codes(state) == ["SNAP303"]
    with engine(tmp_path, "sglang.launch_server", "--model-path", "m", "--enable-mem", body=body) as state:
        assert "come back as garbage" in only(state, "SNAP303").message
    with engine(tmp_path, "sglang.launch_server", "--model-path", "m", "--enable-mem", "--enable-weights-cpu-backup", body=body) as state:
        assert codes(state) == []
    with engine(tmp_path, "sglang.launch_server", "--config", "x.yaml", body=body) as state:
        assert codes(state) == []


def test_vllm_without_sleep_mode(tmp_path: Path) -> None:
    """Neither the mode, nor the routes."""
    module, body = "vllm.entrypoints.openai.api_server", LISTEN.format("0.0.0.0")
    with engine(tmp_path, module, "--model", "m", body=body) as state:
        assert codes(state) == ["SNAP304"]
    with engine(tmp_path, module, "--model", "m", "--enable-sleep-mode", body=body) as state:
        assert only(state, "SNAP304").process.subject == "VLLM_SERVER_DEV_MODE"  # type: ignore[union-attr]
    with engine(tmp_path, module, "--model", "m", "--enable_sleep_mode", environment={"VLLM_SERVER_DEV_MODE": "1"}, body=body) as state:
        assert codes(state) == []


def test_a_server_that_does_not_listen_yet(tmp_path: Path) -> None:
    """It is still starting."""
    with engine(tmp_path, "sglang.launch_server", "--enable-memory-saver", "--enable-weights-cpu-backup") as state:
        assert codes(state) == ["SNAP202"]


def test_a_server_that_only_its_container_reaches(tmp_path: Path) -> None:
    """Advice, because from inside nobody knows who is to reach it."""
    arguments = ("--enable-memory-saver", "--enable-weights-cpu-backup")
    with engine(tmp_path, "sglang.launch_server", *arguments, body=LISTEN.format("127.0.0.1")) as state:
        assert only(state, "SNAP112").severity is Severity.ADVICE


def test_a_warm_up_that_is_switched_off(tmp_path: Path) -> None:
    """Seen on the live command line."""
    arguments = ("--enable-memory-saver", "--enable-weights-cpu-backup", "--skip-server-warmup")
    with engine(tmp_path, "sglang.launch_server", *arguments, body=LISTEN.format("0.0.0.0")) as state:
        assert codes(state) == ["SNAP403"]


def test_a_router_without_a_model(tmp_path: Path) -> None:
    """`ollama serve` before its first request, and with the child that holds the model."""
    serve = LISTEN.format("0.0.0.0")
    program = tmp_path / "ollama"
    program.write_text(f"#!{socket.__file__ and __import__('sys').executable}\nimport os, sys, signal\n{serve}\nsignal.pause()\n")
    program.chmod(0o755)
    with running("import subprocess, time\nchild = subprocess.Popen([sys.argv[1], 'serve'])\n", str(program)) as one:
        state = read_state(one.pid)
        while not any(descriptor.socket for process in state.processes for descriptor in process.descriptors):
            state = read_state(one.pid)
        assert codes(state) == ["SNAP206"]


def test_connections_to_the_outside(tmp_path: Path) -> None:
    """Another machine's socket, here one outside the tree; a connection within the tree is none."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        with running("import socket\nheld = socket.create_connection(('127.0.0.1', int(sys.argv[1])))", str(port)) as program:
            found = only(read_state(program.pid), "SNAP601")
            assert found.process.subject == f"127.0.0.1:{port}"  # type: ignore[union-attr]
    with running(
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nheld = socket.create_connection(server.getsockname())\nother = server.accept()"
    ) as program:
        assert codes(read_state(program.pid)) == []


def test_what_criu_cannot_save() -> None:
    """io_uring, where the kernel offers it: a warning on plain Linux, an error under the gVisor that refuses it."""
    with running("import ctypes\nring = ctypes.CDLL(None).syscall(425, 8, (ctypes.c_char * 120)())\nprint(ring)") as program:
        if int(program.said[0]) < 0:
            pytest.skip("this kernel offers no io_uring")
        state = read_state(program.pid)
        assert only(state, "SNAP607").severity is Severity.WARNING
        old = state._replace(runtime=state.runtime._replace(kind="gvisor", generation="2022-12"))
        assert only(old, "SNAP607").severity is Severity.ERROR


def test_deleted_files_by_the_age_of_gvisor(tmp_path: Path) -> None:
    """Refused before March 2025, saved since."""
    (tmp_path / "gone").write_text("x")
    with running("held = open(sys.argv[1])\nos.unlink(sys.argv[1])", str(tmp_path / "gone")) as program:
        state = read_state(program.pid)
        for generation, expected in (("2022-12", ["SNAP607"]), ("2025-11", []), ("2026-08", [])):
            assert codes(state._replace(runtime=state.runtime._replace(kind="gvisor", generation=generation))) == expected


def test_a_traced_process() -> None:
    """CRIU refuses it, gVisor does not."""
    code = """
import ctypes, signal
child = os.fork()
if not child:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitid(os.P_PID, child, os.WSTOPPED | os.WNOWAIT)
"""
    with running(code) as program:
        state = read_state(program.pid)
        assert "is traced by process" in only(state, "SNAP209").message
        assert codes(state._replace(runtime=state.runtime._replace(kind="gvisor", generation="2026-08"))) == []


def test_files_on_mounts_of_their_own(tmp_path: Path) -> None:
    """A Volume's file that is open is named; one on the container's root is not."""
    (tmp_path / "data").write_bytes(b"x" * 4096)
    with running("held = open(sys.argv[1])", str(tmp_path / "data")) as program:
        state = read_state(program.pid)
        assert codes(state) == []
        own = state._replace(
            files=tuple(file._replace(mount=str(tmp_path)) if file.path.startswith(str(tmp_path)) else file for file in state.files)
        )
        assert f"holds open {tmp_path}/data" in only(own, "SNAP605").message


def test_mapped_weights_by_content(tmp_path: Path) -> None:
    """A blob without a suffix, on the root and on a Volume; memory that was copied from it is no mapping any more."""
    blob = tmp_path / "0123abcd"
    blob.write_bytes(b"GGUF\3\0\0\0" + bytes(1 << 20))
    code = "import mmap\nwith open(sys.argv[1], 'rb') as file:\n    held = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)\nheld.read()"
    with running(code, str(blob)) as program:
        state = read_state(program.pid)
        assert codes(state) == ["SNAP301"]
        assert "needs it in place with the same bytes" in only(state, "SNAP301").message
        volume = state._replace(files=tuple(file._replace(mount="/models") for file in state.files))
        assert "wrong answers without an error" in only(volume, "SNAP301").message


def test_the_worst_comes_first() -> None:
    """Errors before warnings before advice."""
    state = recorded("managed_memory")
    mixed = state._replace(
        processes=(*state.processes, *recorded("forked_child").processes[1:], *recorded("compiled_pool_alive").processes[1:])
    )
    assert [finding.severity for finding in findings(mixed, ALL)] == [Severity.ERROR, Severity.WARNING, Severity.ADVICE]
