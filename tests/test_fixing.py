"""What `--fix` writes: the intended lines and nothing else, whole or not at all."""

from __future__ import annotations

import ast
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from expectations import page_examples, unmarked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapdoctor.fixing import ChangedMeanwhile, difference, fixed, write
from snapdoctor.linting import active_codes, lint_file
from snapdoctor.text import decoded

CODES = active_codes((), ())
HEAD = """\
import subprocess

import modal

PORT = 8080
image = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b10900", add_python="3.12").entrypoint([])
app = modal.App("x")
SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
"""
CLASS = """

@app.cls(image=image, gpu="L40S", **SNAPSHOT)
class A:
    @modal.enter(snap=True)
    def start(self):
"""

# Commands as people write them, before and after the fix of one rule.
COMMANDS = {
    "list": ('["llama-server", "-m", "/m.gguf"]', '["llama-server", "-m", "/m.gguf", "--load-mode", "none"]'),
    "list with a trailing comma": ('["llama-server", "-m", "/m.gguf",]', '["llama-server", "-m", "/m.gguf", "--load-mode", "none"]'),
    "tuple": ('("llama-server", "-m", "/m.gguf")', '("llama-server", "-m", "/m.gguf", "--load-mode", "none")'),
    "joined": ('["llama-server", "-m"] + ["/m.gguf"]', '["llama-server", "-m"] + ["/m.gguf", "--load-mode", "none"]'),
    "unpacked": ('["llama-server", *["-m", "/m.gguf"]]', '["llama-server", *["-m", "/m.gguf"], "--load-mode", "none"]'),
    "string": ('"llama-server -m /m.gguf", shell=True', '"llama-server --load-mode none -m /m.gguf", shell=True'),
    "string in the background": ('"llama-server -m /m.gguf > log 2>&1 &", shell=True', '"llama-server --load-mode none -m /m.gguf > log 2>&1 &", shell=True'),
    "f-string": ('f"llama-server -m /m.gguf --port {PORT}", shell=True', 'f"llama-server --load-mode none -m /m.gguf --port {PORT}", shell=True'),
    "split": ('"llama-server -m /m.gguf".split()', '"llama-server --load-mode none -m /m.gguf".split()'),
    "removed flag": ('["llama-server", "-m", "/m.gguf", "--no-mmap"]', '["llama-server", "-m", "/m.gguf", "--load-mode", "none"]'),
    "removed flag in a string": ('"llama-server --no-mmap -m /m.gguf", shell=True', '"llama-server --load-mode none -m /m.gguf", shell=True'),
    "switch that is dropped": (
        '["llama-server", "-m", "/m.gguf", "--no-warmup", "--load-mode", "none"]',
        '["llama-server", "-m", "/m.gguf", "--load-mode", "none"]',
    ),
    "last switch that is dropped": (
        '["llama-server", "-m", "/m.gguf", "--load-mode", "none", "--no-warmup"]',
        '["llama-server", "-m", "/m.gguf", "--load-mode", "none"]',
    ),
}  # fmt: skip
BODIES = {
    "appended": (
        'command = ["llama-server", "-m", "/m.gguf"]\n        command.append("--no-mmap")\n        subprocess.Popen(command)\n',
        'command = ["llama-server", "-m", "/m.gguf"]\n        command.extend(["--load-mode", "none"])\n        subprocess.Popen(command)\n',
    ),
    "extended": (
        'command = ["llama-server", "-m", "/m.gguf"]\n        command += ["--no-mmap"]\n        subprocess.Popen(command)\n',
        'command = ["llama-server", "-m", "/m.gguf"]\n        command += ["--load-mode", "none"]\n        subprocess.Popen(command)\n',
    ),
    "lines": (
        'subprocess.Popen(\n            [\n                "llama-server",  # ours\n                "-m",\n                "/m.gguf",  # a comment\n            ]\n        )\n',
        'subprocess.Popen(\n            [\n                "llama-server",  # ours\n                "-m",\n                "/m.gguf",  # a comment\n'
        '                "--load-mode",\n                "none",\n            ]\n        )\n',
    ),
    "lines without a last comma": (
        'subprocess.Popen(\n            [\n                "llama-server",\n                "-m",\n                "/m.gguf"\n            ]\n        )\n',
        'subprocess.Popen(\n            [\n                "llama-server",\n                "-m",\n                "/m.gguf",\n'
        '                "--load-mode",\n                "none"\n            ]\n        )\n',
    ),
    "a line of its own for the switch": (
        'subprocess.Popen(\n            [\n                "llama-server",\n                "--no-warmup",\n                "-m", "/m.gguf", "--load-mode", "none",\n            ]\n        )\n',
        'subprocess.Popen(\n            [\n                "llama-server",\n                "-m", "/m.gguf", "--load-mode", "none",\n            ]\n        )\n',
    ),
}  # fmt: skip


def made(source: str, tmp_path: Path, *, unsafe: bool = False, codes: frozenset[str] = CODES) -> str:
    """The source after its fixes."""
    path = tmp_path / "app.py"
    path.write_bytes(source.encode())
    return fixed(path, codes, source.encode(), unsafe).after.decode()


@pytest.mark.parametrize("shape", COMMANDS)
def test_command_is_fixed_where_it_is_written(shape: str, tmp_path: Path) -> None:
    """Lists, strings and joined commands keep their form."""
    before, after = COMMANDS[shape]
    head = HEAD + CLASS
    assert made(f"{head}        subprocess.Popen({before})\n", tmp_path) == f"{head}        subprocess.Popen({after})\n"


@pytest.mark.parametrize("shape", BODIES)
def test_body_is_fixed_where_the_word_is_written(shape: str, tmp_path: Path) -> None:
    """Appended words, layouts over many lines and their comments stay as they are."""
    before, after = BODIES[shape]
    assert made(HEAD + CLASS + "        " + before, tmp_path) == HEAD + CLASS + "        " + after


def test_shared_command_is_fixed_once(tmp_path: Path) -> None:
    """Two deployments over one constant: one edit, both findings gone."""
    second = CLASS.replace("class A", "class B")
    source = (
        HEAD
        + 'SERVER = ["llama-server", "-m", "/m.gguf"]\n'
        + CLASS
        + "        subprocess.Popen(SERVER)\n"
        + second
        + "        subprocess.Popen(SERVER)\n"
    )
    assert made(source, tmp_path) == source.replace('"/m.gguf"]', '"/m.gguf", "--load-mode", "none"]')


def test_unknown_version_is_not_guessed_at(tmp_path: Path) -> None:
    """Nothing pins the build: `--no-mmap` and `--load-mode` would each be wrong on some."""
    source = HEAD.replace("ghcr.io/ggml-org/llama.cpp:server-cuda-b10900", "nvidia/cuda:12.4.1-runtime-ubuntu22.04") + CLASS
    source += '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])\n'
    assert '"--load-mode"' not in made(source, tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_bytes_elsewhere_stay(end: str, mark: bytes, encoding: str, tmp_path: Path) -> None:
    """Line ends, byte order mark and declared encoding are kept."""
    if mark and encoding != "utf-8":
        pytest.skip("Python refuses a byte order mark beside another encoding")
    text = (
        f"# -*- coding: {encoding} -*-\n# größe\n" + HEAD + CLASS + '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])  # ünd\n'
    )
    source = mark + text.replace("\n", end).encode(encoding)
    path = tmp_path / "app.py"
    path.write_bytes(source)
    after = fixed(path, CODES, source, unsafe=False).after
    assert after == source.replace(b'"/m.gguf"]', b'"/m.gguf", "--load-mode", "none"]')


def test_unused_suppression_is_removed(tmp_path: Path) -> None:
    """The comment goes, or only the code that suppresses nothing."""
    source = HEAD + "VALUE = 1  # snapdoctor: ignore[SNAP301]\n# snapdoctor: ignore[SNAP302] old\nOTHER = 2\n"
    assert made(source, tmp_path) == HEAD + "VALUE = 1\nOTHER = 2\n"
    body = CLASS + '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])  # snapdoctor: ignore[SNAP301, SNAP502] why\n'
    assert made(HEAD + body, tmp_path) == HEAD + body.replace("[SNAP301, SNAP502]", "[SNAP301]")


@pytest.mark.parametrize("path", sorted(Path("fixtures/naive").glob("*.py")), ids=lambda path: path.stem)
def test_naive_app_is_fixed_into_one_that_imports(path: Path, tmp_path: Path) -> None:
    """What was fixed is gone, the result is the recorded one, and modal imports it."""
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    outcome = fixed(copy, CODES, copy.read_bytes(), unsafe=True)
    assert outcome.applied
    assert not {(one.rule) for one in outcome.applied} & {finding.rule for finding in outcome.left}
    assert unmarked(outcome.after.decode()) == Path("fixtures/fixed", path.name).read_text(encoding="utf-8")
    assert fixed(copy, CODES, outcome.after, unsafe=True).after == outcome.after
    write(outcome)
    runpy.run_path(str(copy))


SOURCES = [example.source for example in page_examples()]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@QUICK
@given(source=st.sampled_from(SOURCES), cut=st.integers(0, 60), drop=st.integers(0, 60), end=st.sampled_from(["\n", "\r\n"]))
def test_any_fixed_program_parses_and_is_stable(source: str, cut: int, drop: int, end: str, tmp_path: Path) -> None:
    """For mutated programs too: the result parses, a second run changes nothing, line ends are kept, and no line is lost that no fix touched."""
    lines = source.splitlines()
    lines = lines[: len(lines) - cut] if cut < len(lines) and cut % 3 == 0 else lines
    if lines and drop % 2 == 0:
        del lines[drop % len(lines)]
    text = "".join(line + end for line in lines).encode()
    path = tmp_path / "app.py"
    path.write_bytes(text)
    outcome = fixed(path, CODES, text, unsafe=True)
    if not outcome.applied:
        assert outcome.after == text
        return
    ast.parse(outcome.after)
    assert fixed(path, CODES, outcome.after, unsafe=True).after == outcome.after
    read = decoded(outcome.after)
    assert read is not None
    assert end == "\n" or read.text.count("\n") == read.text.count("\r\n")
    removed = [line for line in difference(outcome).splitlines() if line.startswith("-") and not line.startswith("---")]
    assert len(removed) <= 3 * len(outcome.applied) + len(lines) // 4


def test_a_file_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """The user's newer text wins."""
    path = tmp_path / "app.py"
    source = HEAD + CLASS + '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])\n'
    path.write_text(source)
    outcome = fixed(path, CODES, source.encode(), unsafe=False)
    path.write_text("newer = 1\n")
    with pytest.raises(ChangedMeanwhile):
        write(outcome)
    assert path.read_text() == "newer = 1\n"


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    """A link stays a link to the same file, with its permissions."""
    path = tmp_path / "real.py"
    source = HEAD + CLASS + '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])\n'
    path.write_text(source)
    path.chmod(0o750)
    link = tmp_path / "app.py"
    link.symlink_to(path)
    write(fixed(link, CODES, source.encode(), unsafe=False))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o750
    assert "--load-mode" in path.read_text()


KILLED = """
import os, signal, sys
from pathlib import Path
from snapdoctor.fixing import fixed, write
from snapdoctor.linting import active_codes
step, path = sys.argv[1], Path(sys.argv[2])
outcome = fixed(path, active_codes((), ()), path.read_bytes(), unsafe=False)
real = getattr(os, step)
def dies(*given):
    if step == "replace" and sys.argv[3] == "after":
        real(*given)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, step, dies)
write(outcome)
"""


@pytest.mark.parametrize(
    ("step", "when", "new"),
    [("fsync", "before", False), ("chmod", "before", False), ("replace", "before", False), ("replace", "after", True)],
)
def test_a_kill_leaves_the_old_file_or_the_new_one(step: str, when: str, new: bool, tmp_path: Path) -> None:
    """A real process is killed at each step of the writing."""
    path = tmp_path / "app.py"
    source = HEAD + CLASS + '        subprocess.Popen(["llama-server", "-m", "/m.gguf"])\n'
    path.write_text(source)
    ended = subprocess.run([sys.executable, "-c", KILLED, step, str(path), when], check=False, env={**os.environ, "PYTHONSAFEPATH": "1"})
    assert ended.returncode == -signal.SIGKILL
    assert path.read_text() == (source.replace('"/m.gguf"]', '"/m.gguf", "--load-mode", "none"]') if new else source)
    assert not [finding for finding in lint_file(path, CODES).findings if finding.rule == "SNAP901"]
