"""Logs as they were recorded, and what is said of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapdoctor import catalog
from snapdoctor.logs import scan
from snapdoctor.logs.diagnosis import diagnose
from snapdoctor.logs.scan import Scanner
from snapdoctor.logs.signature import Match, Signature

# Texts that were recorded or read in source, with where: nothing here is made up but time stamps and paths.
RECORDED = {
    "modal-client #4132, a restore that crashes": (
        "Restoring Function from memory snapshot.\nRunner segmentation fault (SIGSEGV), exit code: 139.\n"
        "Transient snapshot error: failed to restore container from snapshot with exit code 139. Will retry with no snapshots.\n",
        ["SNAP801", "SNAP802"],
    ),
    "gVisor #10478, a GPU descriptor at the capture": (
        "Failed creating function container snapshot: failed to snapshot container: can't save with live nvproxy clients\n",
        ["SNAP203", "SNAP803"],
    ),
    "gVisor, measured: a mapped file is gone": ('restore failed: failed to walk "models/gemma.gguf": no such file or directory\n', ["SNAP605"]),
    "gVisor 2022, measured: a mapped file is gone": ('restoring container "abc": open /m.gguf: no such file or directory\n', ["SNAP605"]),
    "the article: libgomp": ("OSError: libgomp.so.1: cannot open shared object file: No such file or directory\n", ["SNAP502"]),
    "the article: certificates": (
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate\n",
        ["SNAP606"],
    ),
    "torch 2.13, measured: the pool of compile workers": (
        "python /usr/lib/python3/site-packages/torch/_inductor/compile_worker/__main__.py --pickler=x --kind=fork --workers=32 --parent=7\n",
        ["SNAP204"],
    ),
    "llama.cpp 0.5, measured: the removed flag": ("error: invalid argument: --no-mmap\n", ["SNAP302"]),
    "SGLang 0.5.23, measured: the renamed flag": (
        "launch_server.py: error: ambiguous option: --cuda-graph-max-bs could match --cuda-graph-max-bs-decode, --cuda-graph-max-bs-prefill\n",
        ["SNAP302"],
    ),
    "modal 1.6.4, app.py": ("InvalidError: A class must have `enable_memory_snapshot=True` to use `snap=True` on its methods.\n", ["SNAP103"]),
    "modal client, gpu_memory_snapshot.py": ("Failed to toggle CUDA checkpoint state: initialization error\n", ["SNAP804"]),
    "measured: a socket from before the snapshot": (
        "Restoring Function from memory snapshot.\nConnectionAbortedError: [Errno 103] Software caused connection abort\n",
        ["SNAP601"],
    ),
    "measured: a port bound again": (
        "Restoring Function from memory snapshot.\nOSError: [Errno 98] Address already in use\n",
        ["SNAP808"],
    ),
    "vllm #12981": ("CUDA Error: out of memory at /workspace/csrc/cumem_allocator.cpp:62\n", ["SNAP205"]),
    "modal 1.6.4, measured: an old option": (
        "modal.exception.DeprecationError: Deprecated on 2025-02-24: The 'keep_warm' parameter has been renamed to 'min_containers'.\n",
        ["SNAP108"],
    ),
    "modal 1.6.4, measured: an older option": (
        "TypeError: _App.function() got an unexpected keyword argument 'checkpointing_enabled'\n",
        ["SNAP108"],
    ),
    "modal 1.6.4, measured: a name that is gone": (
        "AttributeError: Module 'modal' has no attribute 'Stub'. Use `modal.App` instead. This is a simple name change.\n",
        ["SNAP108"],
    ),
    "uvicorn, measured: a control call without its key": (
        'INFO:     127.0.0.1:33924 - "POST /release_memory_occupation HTTP/1.1" 401 Unauthorized\n',
        ["SNAP208"],
    ),
    "uvicorn, measured: a control route that is not there": ('INFO:     127.0.0.1:33940 - "POST /wake_up HTTP/1.1" 404 Not Found\n', ["SNAP304"]),
    "sglang 0.5.23, torch_memory_saver_adapter.py": (
        "`release_memory_occupation` will not save memory because torch_memory_saver is not enabled. Potential causes: `enable_memory_saver` is "
        "false, or torch_memory_saver has installation issues.\n",
        ["SNAP303"],
    ),
    "Linux, measured: a capture that does not fit, with compile workers alive": (
        "Creating GPU memory snapshot for Function.\n"
        "Memory cgroup out of memory: Killed process 16663 (python3) total-vm:221356kB, anon-rss:61184kB, file-rss:6676kB, shmem-rss:0kB, UID:0\n"
        "python /usr/lib/python3/site-packages/torch/_inductor/compile_worker/__main__.py --pickler=x --kind=fork --workers=32 --parent=7\n",
        ["SNAP204", "SNAP306"],
    ),
    "runsc, measured: a truncated image": ("header error: unexpected EOF\n", ["SNAP806"]),
}  # fmt: skip


def told(text: str) -> list[str]:
    """Codes in the order in which they are told."""
    return list(dict.fromkeys(one.rule for one in diagnose([text.encode()]).told))


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_log_is_diagnosed(name: str) -> None:
    """The cause comes before what follows from it."""
    text, codes = RECORDED[name]
    assert told(text) == codes


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("dress", ["time stamps", "colours", "JSON lines", "UTF-16", "carriage returns"])
def test_dress_changes_nothing(name: str, dress: str) -> None:
    """However the log was written down."""
    text, codes = RECORDED[name]
    lines = text.splitlines()
    if dress == "time stamps":
        data = "".join(f"2026-11-23T10:00:0{number % 10}Z ta-01ABC | {line}\n" for number, line in enumerate(lines)).encode()
    elif dress == "colours":
        data = "".join(f"\x1b[31m{line[:10]}\x1b[0m{line[10:]}\x1b[K\n" for line in lines).encode()
    elif dress == "JSON lines":
        data = "".join(json.dumps({"ts": 1, "message": line}) + "\n" for line in lines).encode()
    elif dress == "UTF-16":
        data = text.encode("utf-16")
    else:
        data = text.replace("\n", "\r\n").encode()
    assert list(dict.fromkeys(one.rule for one in diagnose([data]).told)) == codes


def test_a_common_text_means_nothing_without_a_restore() -> None:
    """An ordinary conflict or a lost connection is not ours."""
    assert told("OSError: [Errno 98] Address already in use\nBrokenPipeError: [Errno 32] Broken pipe\nNo CUDA GPUs are available\n") == []


UNRELATED = [
    "Get:1 http://deb.example.org/debian bookworm InRelease [151 kB]",
    "Setting up libgomp1:amd64 (12.2.0-14) ...",
    "Collecting llama-cpp-python==0.3.21",
    "Successfully installed torch-2.13.0 sglang-0.5.12",
    "tests/test_a.py::test_one PASSED [ 50%]",
    "E       AssertionError: assert 1 == 2",
    "[12345.678901] Out of memory: Killed process 4242 (python3) total-vm:1kB",
    "[    0.000000] Linux version 6.1.0-18-amd64",
    "Traceback (most recent call last):",
    "ConnectionResetError: [Errno 104] Connection reset by peer",
    "FileNotFoundError: [Errno 2] no such file or directory: 'x'",
    "Creating memory snapshot for Function.",
    "Snapshot created. Restoring Function from memory",
    "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)",
]


def test_unrelated_lines_give_nothing() -> None:
    """Ten thousand lines of package managers, tests, kernels and servers, and this project's own sources of such lines."""
    assert told("\n".join(UNRELATED * 750) + "\n") == []
    for path in (Path("README.md"), Path("Makefile"), Path(".ci/run")):
        assert told(path.read_text(encoding="utf-8")) == [], path


def test_real_logs_of_this_machine_give_nothing() -> None:
    """What the kernel, dpkg, apt, pip and pytest have really written here; a failure would name the line."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in (Path("/var/log/dpkg.log"), Path("/var/log/apt/term.log"))
        if path.exists()
    ]
    commands = (
        ["dmesg"],
        [sys.executable, "-m", "pip", "debug", "--verbose"],
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/report"],
    )
    for command in commands:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, errors="replace", env={**os.environ, "PYTHONSAFEPATH": "1"}
        )
        texts.append(done.stdout + done.stderr)
    assert sum(text.count("\n") for text in texts) > 500
    for text in texts:
        assert told(text) == []


def test_every_signature_is_found_by_itself_and_says_where_it_is_from() -> None:
    """With its conditions met."""
    for entry in catalog.entries():
        for one in entry.signatures():
            assert one.source.partition(":")[0] in ("measured", "source", "documented", "reported"), one
            assert one.message.endswith(".")
            assert one.help.endswith(".")
            log = f"{one.after}\n{one.fragment} {one.also}\n"
            assert entry.rule.code in told(log), one


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe", b"\x00" * 10, b"\x1b[", "héllo".encode("latin-1")])
def test_odd_bytes_are_an_empty_answer(data: bytes) -> None:
    """No known failure, no crash."""
    assert diagnose([data]).told == ()


SMALL = Scanner(
    [
        ("A", Signature("needle", "", "", "")),
        ("B", Signature("broken", "", "", "", also="needle")),
        ("C", Signature("late", "", "", "", after="needle")),
    ]
)
PIECES = st.sampled_from(
    [
        b"needle",
        b"nee",
        b"dle",
        b"broken",
        b"late",
        b"\n",
        b"\r\n",
        b"\x1b[31m",
        b"\x1b",
        b"[0m",
        b"x" * 30,
        "é".encode(),
        b"\xff",
        b'{"message": "needle"}',
        b"\x1b]0;t\x07",
    ]
)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=40), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_cutting_the_stream_anywhere_changes_nothing(pieces: list[bytes], cuts: list[int]) -> None:
    """Long lines too: the bound is set to a few dozen bytes here."""
    data = b"".join(pieces)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[start:end] for start, end in pairwise(edges)]
    kept = scan.LONGEST_LINE
    scan.LONGEST_LINE = 64
    try:
        whole, cut = list(SMALL.scan([data])), list(SMALL.scan(chunks))
    finally:
        scan.LONGEST_LINE = kept
    assert whole == cut


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.sampled_from([b"needle", b"nothing", b"a needle here", b""]), max_size=30))
def test_every_match_is_at_its_true_line(lines: list[bytes]) -> None:
    """And at its true column."""
    found = list(SMALL.scan([b"\n".join(lines)]))
    assert [(one.line, one.column) for one in found] == [
        (number, line.index(b"needle") + 1) for number, line in enumerate(lines, 1) if b"needle" in line
    ]
    assert all(isinstance(one, Match) for one in found)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=2000))
def test_any_bytes_are_read(data: bytes) -> None:
    """Without a crash."""
    diagnose([data])


def run(*arguments: str, folder: Path, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "snapdoctor", "diagnose", *arguments], capture_output=True, cwd=folder, input=text, check=False
    )


def test_the_command_quotes_the_lines_and_points_into_the_app(tmp_path: Path) -> None:
    """From a pipe, with the app beside it."""
    app = Path("fixtures/naive/glm_4_7_flash_llama_cpp_python.py").resolve()
    text = RECORDED["the article: libgomp"][0].encode()
    done = run("--app", str(app), folder=tmp_path, text=b"start\n" + text)
    out = done.stdout.decode()
    assert done.returncode == 1
    assert "<stdin>:2: OSError: libgomp.so.1" in out
    assert f"{app}:10:" in out
    assert run(folder=tmp_path, text=b"all is well\n").returncode == 0


def test_a_foreign_traceback_is_said_to_be_no_snapshot_failure(tmp_path: Path) -> None:
    """It is the user's own to read."""
    done = run(folder=tmp_path, text=b"Traceback (most recent call last):\n  File 'x'\nKeyError: 'a'\n")
    assert done.returncode == 0
    assert b"about something else" in done.stdout


def test_json_names_line_and_column(tmp_path: Path) -> None:
    """In the shape of every other report."""
    (tmp_path / "a.log").write_bytes(b"one\ntwo: header error: unexpected EOF\n")
    document = json.loads(run("a.log", "--format", "json", folder=tmp_path).stdout)
    assert document["command"] == "diagnose"
    assert document["findings"][0]["location"] == {"path": "a.log", "line": 2, "column": 6, "end_line": 2, "end_column": 34}


def test_a_log_that_is_not_there_exits_2(tmp_path: Path) -> None:
    """The file is named."""
    done = run("no.log", folder=tmp_path)
    assert done.returncode == 2
    assert b"no.log" in done.stderr
