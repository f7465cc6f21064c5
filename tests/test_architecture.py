"""The house keeps its arrows (blueprint: readers never know rules, rules never parse or touch files)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from snapdoctor import catalog

RULE_FILES = sorted(Path("rules").rglob("*.py"))
RULE_MODULES = [path for path in RULE_FILES if "cases" not in path.parts]
GRADES = {"measured", "source", "documented", "reported"}


def imported(path: Path) -> set[str]:
    """Dotted names of every module a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", RULE_MODULES, ids=str)
def test_rules_import_only_the_models(path: Path) -> None:
    """A rule imports the standard library and snapdoctor's models; never another rule, libcst, or anything that reads files."""
    own = {name for name in imported(path) if name.partition(".")[0] == "snapdoctor"}
    others = imported(path) - own
    assert not {name for name in own if name.startswith(("snapdoctor.rules", "snapdoctor.cli", "snapdoctor.report", "snapdoctor.linting"))}
    assert {name.partition(".")[0] for name in others} <= set(sys.stdlib_module_names)
    assert not others & {"os", "pathlib", "subprocess", "io", "ast", "socket"}


@pytest.mark.parametrize("folder", ["app", "container", "engines", "logs"])
def test_readers_do_not_know_rules_or_reports(folder: str) -> None:
    """The arrows go one way."""
    for path in Path("snapdoctor", folder).rglob("*.py"):
        assert not {
            name
            for name in imported(path)
            if name.startswith(("snapdoctor.rules", "snapdoctor.cli", "snapdoctor.report", "snapdoctor.linting", "snapdoctor.catalog"))
        }, path


@pytest.mark.parametrize("path", sorted(Path("rules").glob("*/container.py")), ids=str)
def test_container_checks_ask_only_the_container_model(path: Path) -> None:
    """What a probe loads stays small: no source model, no reader of live processes, nothing of a log."""
    own = {name for name in imported(path) if name.startswith("snapdoctor")}
    assert {
        name for name in own if not name.startswith(("snapdoctor.container", "snapdoctor.engines", "snapdoctor.finding", "snapdoctor.rule"))
    } == set()
    assert not own & {f"snapdoctor.container.{reader}" for reader in ("reader", "look", "procfs", "gpu", "sockets", "tree")}


def test_only_the_gpu_is_asked_through_a_library() -> None:
    """Everything else of a live process is read from /proc, so that a probe in a container needs nothing installed."""
    found = {
        (path.name, name.partition(".")[0])
        for path in Path("snapdoctor", "container").glob("*.py")
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("snapdoctor")
    }
    assert found == {("gpu.py", "pynvml")}


def test_only_the_rehearsal_knows_modal() -> None:
    """Modal's client, its protocol and gRPC are needed to rehearse or resolve, and for nothing else."""
    for path in Path("snapdoctor").rglob("*.py"):
        if "rehearsal" not in path.parts:
            assert not {name for name in imported(path) if name.partition(".")[0] in ("modal", "modal_proto", "grpclib", "google")}, path


def test_engine_code_names_no_hazard() -> None:
    """Only the tool's own three codes are known outside `rules/`."""
    for path in Path("snapdoctor").rglob("*.py"):
        codes = set(re.findall(r"SNAP\d{3}", path.read_text(encoding="utf-8")))
        assert codes <= {"SNAP901", "SNAP902", "SNAP301"}, path


def test_every_rule_is_complete() -> None:
    """Folder, name, page, evidence and the check or the reason for none belong together."""
    for entry in catalog.entries():
        rule = entry.rule
        assert rule.name.replace("-", "_") == entry.folder
        assert rule.evidence
        assert {item.grade for item in rule.evidence} <= GRADES
        page = entry.page()
        assert page.startswith(f"# {rule.code} {rule.name}\n")
        for section in ("What goes wrong", "Why a snapshot makes it so", "The fix", "When it is not a problem", "Evidence"):
            assert re.search(rf"^## .*{section.split()[-1]}", page, re.MULTILINE), (rule.code, section)
        assert entry.has_source_check or entry.has_container_check or entry.signatures() or rule.code in ("SNAP901", "SNAP902")


ALLOWED = {
    ("--version",): set(),
    ("rules",): set(),
    ("explain", "SNAP301"): set(),
    ("lint", "tests/expectations.py", "--no-cache"): set(),
    ("lint", "reference_deployments/gemma_4_26b_llama_server.py", "--no-cache"): {"libcst"},
    ("diagnose", "README.md"): set(),
    ("probe", "--state", "rules/mapped_weights/states/shows-llama-server.json"): set(),
    ("probe", "--pid", "1"): set(),
    ("timeline", "reference_deployments/gemma_4_26b_llama_server.py"): {"libcst"},
}
HEAVY = ("libcst", "libcst.matchers", "modal", "rich", "psutil", "pynvml", "torch", "hypothesis")


@pytest.mark.parametrize("command", ALLOWED, ids=" ".join)
def test_command_imports_only_what_it_needs(command: tuple[str, ...]) -> None:
    """Start-up cost is a contract: each command's heavy imports are listed here."""
    program = (
        "import sys; sys.argv = ['snapdoctor', *sys.argv[1:]]\n"
        "from snapdoctor.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()[1:]) == ALLOWED[command]
