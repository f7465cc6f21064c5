"""The probe's eyes, on real processes: what is there is seen, and nothing is left behind by looking."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from pathlib import Path

import jsonschema
import psutil
import pytest

import snapdoctor
from container.programs import running
from container.silent import silent_file
from snapdoctor.container.conditions import conditions, is_data
from snapdoctor.container.document import from_json, to_json
from snapdoctor.container.model import ContainerState, Process
from snapdoctor.container.reader import NoSuchProcess, read_state
from snapdoctor.probing import live_state

GGUF = b"GGUF" + b"\3\0\0\0" + b"\0" * (1 << 20)
SAFETENSORS = (16).to_bytes(8, "little") + b'{"__metadata__":' + b"\0" * (1 << 20)
SCHEMA = json.loads((Path(snapdoctor.__file__).parent / "schemas" / "state-v1.json").read_text(encoding="utf-8"))


def process(state: ContainerState, pid: int) -> Process:
    return next(one for one in state.processes if one.pid == pid)


def test_the_tree_tells_forked_from_executed() -> None:
    """A fork is a copy of its parent, an exec is not, and the tree is in order."""
    with running(
        """
        import subprocess
        child = os.fork()
        if not child:
            import signal
            signal.pause()
        sleeper = subprocess.Popen(["sleep", "600"])
        print(child, sleeper.pid)
        """
    ) as program:
        forked, executed = map(int, program.said[0].split())
        state = read_state(program.pid)
        assert [one.pid for one in state.processes] == [program.pid, forked, executed]
        assert {one.pid: one.origin for one in state.processes} == {program.pid: "root", forked: "fork", executed: "exec"}
        assert process(state, executed).command == ("sleep", "600")
        assert {one.parent for one in state.processes[1:]} == {program.pid}


def test_states_of_processes() -> None:
    """Zombies, stopped and traced processes are told apart."""
    with running(
        """
        import ctypes, signal
        stopped, gone, traced = os.fork(), 0, 0
        if not stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        gone = os.fork()
        if not gone:
            os._exit(0)
        traced = os.fork()
        if not traced:
            ctypes.CDLL(None).ptrace(0, 0, 0, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
        os.waitid(os.P_PID, stopped, os.WSTOPPED | os.WNOWAIT)
        os.waitid(os.P_PID, gone, os.WEXITED | os.WNOWAIT)
        os.waitid(os.P_PID, traced, os.WSTOPPED | os.WNOWAIT)
        print(stopped, gone, traced)
        """
    ) as program:
        stopped, gone, traced = map(int, program.said[0].split())
        state = read_state(program.pid)
        assert process(state, stopped).state == "stopped"
        assert process(state, gone).state == "zombie"
        assert process(state, traced).state == "traced"
        assert process(state, traced).tracer == program.pid


def test_weights_are_known_by_their_content(tmp_path: Path) -> None:
    """A hub's blob has no suffix and is reached by a link; what counts is what is mapped, and how."""
    blob = tmp_path / "blobs" / "0123abcd"
    blob.parent.mkdir()
    blob.write_bytes(GGUF)
    link = tmp_path / "model.gguf"
    link.symlink_to(blob)
    (tmp_path / "own").write_bytes(SAFETENSORS)
    with running(
        """
        import mmap
        with open(sys.argv[1], "rb") as file:
            shared = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
        with open(sys.argv[2], "rb") as file:
            private = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        shared.read()
        private[:4096 * 4] = bytes(4096 * 4)
        """,
        str(link),
        str(tmp_path / "own"),
    ) as program:
        state = read_state(program.pid)
        mapped = {one.path: one for one in state.processes[0].mapped}
        content = {file.path: file.content for file in state.files}
        assert content[str(blob)] == "gguf"
        assert content[str(tmp_path / "own")] == "safetensors"
        shared, private = mapped[str(blob)], mapped[str(tmp_path / "own")]
        assert (shared.shared, shared.writable, shared.dirty) == (True, False, 0)
        assert shared.resident == shared.size >= len(GGUF)
        assert (private.shared, private.writable, private.dirty) == (False, True, 4 * 4096)
        assert {str(blob), str(tmp_path / "own")} <= {one.file.path for one in conditions(state) if is_data(one) and one.mapped}


def test_files_that_are_gone_or_replaced(tmp_path: Path) -> None:
    """A deleted file, and one in whose place another stands now, are held by nobody but the process."""
    for name in ("gone", "mapped-gone", "replaced", "kept (deleted)", "written"):
        (tmp_path / name).write_bytes(b"x" * 8192)
    with running(
        """
        import mmap
        os.chdir(sys.argv[1])
        gone, replaced, kept, written = open("gone"), open("replaced"), open("kept (deleted)"), open("written", "a")
        with open("mapped-gone", "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        os.unlink("gone")
        os.unlink("mapped-gone")
        with open("new", "w") as new:
            new.write("y" * 8192)
        os.rename("new", "replaced")
        os.mkdir("folder")
        os.chdir("folder")
        os.rmdir("../folder")
        """,
        str(tmp_path),
    ) as program:
        state = read_state(program.pid)
        held = {one.target: one for one in state.processes[0].descriptors if one.target.startswith(str(tmp_path))}
        assert held[f"{tmp_path}/gone"].deleted
        assert not held[f"{tmp_path}/kept (deleted)"].deleted
        assert held[f"{tmp_path}/written"].append
        assert held[f"{tmp_path}/written"].writable
        assert not held[f"{tmp_path}/kept (deleted)"].writable
        assert any(one.deleted and one.path == f"{tmp_path}/mapped-gone" for one in state.processes[0].mapped)
        assert held[f"{tmp_path}/replaced"].deleted
        assert [file.path for file in state.files if file.path.startswith(str(tmp_path))] == [
            f"{tmp_path}/kept (deleted)",
            f"{tmp_path}/written",
        ]
        assert state.processes[0].folder_deleted
        assert state.processes[0].folder == f"{tmp_path}/folder"


def test_sockets_of_every_state(tmp_path: Path) -> None:
    """Each socket has its state and ends, and it is known which ends lie outside the tree."""
    outside = socket.create_server(("127.0.0.1", 0))
    path = str(tmp_path / "outside.sock")
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(path)
    unix.listen()
    with (
        outside,
        unix,
        running(
            """
            import socket
            listener = socket.create_server(("127.0.0.1", 0))
            inner = socket.create_connection(listener.getsockname())
            accepted, _ = listener.accept()
            six = socket.create_server(("::1", 0), family=socket.AF_INET6)
            out = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            half = socket.create_connection(listener.getsockname())
            other, _ = listener.accept()
            other.close()
            half.recv(1)
            datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            datagram.bind(("127.0.0.1", 0))
            left, right = socket.socketpair()
            abroad = socket.socket(socket.AF_UNIX)
            abroad.connect(sys.argv[2])
            abstract = socket.socket(socket.AF_UNIX)
            abstract.bind("\\0snapdoctor-test-%d" % os.getpid())
            abstract.listen()
            kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            kernel.bind((0, 0))
            for one in (listener, inner, six, out, half, datagram, left, abroad, abstract, kernel):
                print(one.fileno())
            """,
            str(outside.getsockname()[1]),
            path,
        ) as program,
    ):
        state = read_state(program.pid)
        by_number = {one.number: one.socket for one in state.processes[0].descriptors if one.kind == "socket"}
        listener, inner, six, out, half, datagram, left, abroad, abstract, kernel = (by_number[int(number)] for number in program.said)
        assert (listener.state, listener.outside) == ("listen", False)
        assert (inner.state, inner.remote, inner.outside) == ("established", listener.local, False)
        assert (six.family, six.state, six.local.startswith("[::1]:")) == ("inet6", "listen", True)
        assert (out.state, out.outside) == ("established", True)
        assert half.state == "close-wait"
        assert (datagram.kind, datagram.state) == ("datagram", "bound")
        assert (left.family, left.state, left.outside) == ("unix", "established", False)
        assert (abroad.state, abroad.outside) == ("established", True)
        assert (abstract.state, abstract.local) == ("listen", f"@snapdoctor-test-{program.pid}")
        assert kernel.family == "netlink"
        known = {
            (f"{one.laddr.ip}:{one.laddr.port}" if ":" not in one.laddr.ip else f"[{one.laddr.ip}]:{one.laddr.port}")
            for one in psutil.Process(program.pid).net_connections("inet")
        }
        assert known == {one.local for one in by_number.values() if one is not None and one.family in ("inet", "inet6")}


DESCRIPTORS = {
    "eventfd": "os.eventfd(1) if hasattr(os, 'eventfd') else libc.eventfd(1, 0)",
    "eventpoll": "libc.epoll_create1(0)",
    "timerfd": "libc.timerfd_create(1, 0)",
    "signalfd": "libc.signalfd(-1, (ctypes.c_ulong * 16)(), 0)",
    "inotify": "libc.inotify_init1(0)",
    "memfd": "libc.memfd_create(b'snapdoctor', 0)",
    "pidfd": "libc.syscall(434, os.getpid(), 0)",
    "io_uring": "libc.syscall(425, 8, (ctypes.c_char * 120)())",
    "userfaultfd": "libc.syscall(323, 1)",
    "pipe": "os.pipe()[0]",
    "directory": "os.open('/', os.O_RDONLY)",
    "device": "os.open('/dev/null', os.O_RDONLY)",
}


@pytest.mark.parametrize("kind", DESCRIPTORS)
def test_descriptors_of_every_kind(kind: str) -> None:
    """Each kind is called by its name, whatever the kernel decorates it with."""
    with running(f"import ctypes\nlibc = ctypes.CDLL(None)\nprint({DESCRIPTORS[kind]})") as program:
        number = int(program.said[0])
        if number < 0:
            pytest.skip(f"this kernel refuses {kind}")
        state = read_state(program.pid)
        assert next(one.kind for one in state.processes[0].descriptors if one.number == number) == kind


def test_memory_that_is_in_no_file() -> None:
    """Anonymous and shared memory are counted apart from files, and named memory is no condition of a restore."""
    with running(
        """
        import mmap
        from multiprocessing import shared_memory
        private = bytearray(os.urandom(64)) * (1 << 20)
        shared = mmap.mmap(-1, 32 << 20)
        shared.write(b"x" * (32 << 20))
        named = shared_memory.SharedMemory(create=True, size=1 << 20)
        print(named.name)
        print("READY", flush=True)
        sys.stdin.readline()
        named.close()
        named.unlink()
        print("DONE", flush=True)
        """
    ) as program:
        state = read_state(program.pid)
        one = state.processes[0]
        assert one.anonymous is not None
        assert one.anonymous > 64 << 20
        assert one.shared is not None
        assert one.shared >= 32 << 20
        assert any(mapped.path == f"/dev/shm/{program.said[0]}" for mapped in one.mapped)
        assert not any(condition.file.path.startswith("/dev/shm") for condition in conditions(state))
        assert program.tell("end") == "DONE"


def test_a_tree_of_two_hundred_processes() -> None:
    """A wide and deep tree is seen whole and in order."""
    with running(
        """
        import signal
        def grow(depth, width):
            for _ in range(width):
                if not os.fork():
                    if depth:
                        grow(depth - 1, 3)
                    signal.pause()
        reader, writer = os.pipe()
        for _ in range(5):
            if not os.fork():
                grow(2, 3)
                os.write(writer, b"x")
                signal.pause()
        for _ in range(5):
            os.read(reader, 1)
        """
    ) as program:
        top = psutil.Process(program.pid)
        while len(top.children(recursive=True)) < 200:
            pass
        state = read_state(program.pid)
        assert {one.pid for one in state.processes} == {program.pid, *(child.pid for child in top.children(recursive=True))}
        seen: set[int] = set()
        for one in state.processes:
            assert one.parent in seen or one.pid == program.pid
            seen.add(one.pid)


def test_a_process_that_forks_as_fast_as_it_can() -> None:
    """Processes that appear and end meanwhile are normal; that the tree does not hold still is part of the answer."""
    with running(
        """
        import threading
        def spin():
            while True:
                child = os.fork()
                if not child:
                    os._exit(0)
                os.waitpid(child, 0)
        threading.Thread(target=spin, daemon=True).start()
        """
    ) as program:
        for _ in range(20):
            state = read_state(program.pid)
            assert state.processes[0].pid == program.pid
            assert not {gap.subject for gap in state.gaps} - {"process tree", "process"}
        assert from_json(to_json(state)) == state


def test_a_file_that_never_answers_is_left_alone(tmp_path: Path) -> None:
    """Reading from a mount whose server is gone cannot even be killed; the look ends all the same, sees the rest, and says so."""
    with contextlib.ExitStack() as stack:
        try:
            silent = stack.enter_context(silent_file(tmp_path))
        except OSError as error:
            pytest.skip(f"no FUSE here: {error}")
        program = stack.enter_context(running("held = os.open(sys.argv[1], os.O_RDONLY)", str(silent)))
        state = live_state(program.pid)
        assert [(gap.subject, gap.pid) for gap in state.gaps] == [("files", program.pid)]
        assert str(silent) in {one.target for one in state.processes[0].descriptors}


def test_nothing_is_left_behind() -> None:
    """Descriptors, threads, mappings, modules and signals of the probed process are the same before and after."""
    with running(
        """
        print("READY", flush=True)
        for _ in sys.stdin:
            print(hash(tuple(sorted(sys.modules))), len(sys.modules), flush=True)
        """
    ) as program:

        def residue() -> tuple[object, ...]:
            folder = Path(f"/proc/{program.pid}")
            status = [
                line
                for line in (folder / "status").read_text().splitlines()
                if line.startswith(("Threads", "TracerPid", "SigPnd", "SigBlk", "SigIgn", "SigCgt", "Shd"))
            ]
            descriptors = sorted((one.name, os.readlink(one)) for one in (folder / "fd").iterdir())
            maps = [line for line in (folder / "maps").read_text().splitlines() if "[heap]" not in line]
            return program.tell("modules"), sorted(os.listdir(folder / "task")), descriptors, maps, status

        before = residue()
        ours = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            read_state(program.pid)
        assert residue() == before
        # The kernel may show a thread for a moment longer than Python has it.
        assert len(os.listdir("/proc/self/fd")) == ours
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("snapdoctor")]


def test_secrets_stay_where_they_are(tmp_path: Path) -> None:
    """Neither the environment's secrets nor keys on command lines get into a state."""
    with running(
        "print(os.environ['HF_TOKEN'] and 1)",
        "--api-key",
        "sk-THE-KEY-ITSELF",
        "--hf-token=hf_THETOKENITSELF",
        "https://user:THE-PASSWORD@example.com/",
        "--max-new-tokens",
        "77",
        environment={"HF_TOKEN": "hf_THE-SECRET-1", "VLLM_API_KEY": "THE-SECRET-2", "HF_HOME": "/models", "MY_THING": "THE-SECRET-3"},
    ) as program:
        state = read_state(program.pid)
        text = to_json(state)
        assert "THE-" not in text
        assert "THETOKEN" not in text
        assert ("HF_HOME", "/models") in state.processes[0].environment
        assert state.processes[0].command[-2:] == ("--max-new-tokens", "77")


def test_a_state_survives_its_json_form() -> None:
    """What is read can be written, validated and read again, unchanged."""
    with running("import socket\nserver = socket.create_server(('127.0.0.1', 0))") as program:
        state = read_state(program.pid)
    jsonschema.validate(json.loads(to_json(state)), SCHEMA)
    assert from_json(to_json(state)) == state


def test_a_process_that_is_not_there() -> None:
    """A process that has ended is an answer of its own."""
    with running("pass") as program:
        pid = program.pid
    with pytest.raises(NoSuchProcess, match=str(pid)):
        read_state(pid)


def test_the_whole_container_leaves_out_who_looks() -> None:
    """Without a process given everybody is seen, except the one who looks and what it has started."""
    with running("pass") as program:
        seen = {one.pid for one in read_state().processes}
        assert os.getpid() not in seen
        assert program.pid not in seen
        assert 1 in seen
