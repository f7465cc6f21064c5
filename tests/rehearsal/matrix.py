"""Rehearse every kind of deployment under several modal releases: `python tests/rehearsal/matrix.py PYTHON...`, from the repository's root.

Each PYTHON is the interpreter of an environment that has snapdoctor, fastapi and one release of modal; runsc and criu are there. The table that is committed as `matrix.txt`
was made with the newest release of each minor from 1.2 to 1.6. Ends with status 1 when a life ended otherwise than expected.
"""

from __future__ import annotations

import subprocess
import sys

KINDS, FAILING = "fixtures/rehearsal/kinds.py", "fixtures/rehearsal/failing.py"
# (what, arguments, what the report must hold)
LIVES = (
    ("class", [f"{KINDS}::Model"], "'hello'"),
    ("class, input and parameter", [f"{KINDS}::Model.ask", "--input", "[3]", "--param", "size=3"], "'sum': 3"),
    ("async hooks", [f"{KINDS}::Asynchronous"], "42"),
    ("function", [f"{KINDS}::add", "--input", "[40]"], "42"),
    ("generator", [f"{KINDS}::count"], "second answer"),
    ("fastapi_endpoint", [f"{KINDS}::Endpoint", "--path", "/?q=3"], "200"),
    ("asgi_app", [f"{KINDS}::asgi"], "200"),
    ("web_server", [f"{KINDS}::Web"], "200"),
    ("app.server", [f"{KINDS}::Server"], "200"),
    ("class, in gVisor", [f"{KINDS}::Model", "--sandbox"], "saved by gVisor"),
    ("web_server, in gVisor", [f"{KINDS}::Web", "--sandbox"], "saved by gVisor"),
    ("app.server, in gVisor", [f"{KINDS}::Server", "--sandbox"], "saved by gVisor"),
    ("class, by CRIU", [f"{KINDS}::Model", "--criu"], "saved by CRIU"),
    ("fails at import", [f"{FAILING}::Model", "--env", "FAIL=import"], "broken in import"),
    ("fails before the capture", [f"{FAILING}::Model", "--env", "FAIL=load"], "broken in load"),
    ("fails after the restore", [f"{FAILING}::Model", "--env", "FAIL=wake"], "broken in wake"),
    ("hangs in the request", [f"{FAILING}::Model", "--env", "FAIL=hang ask"], "timeout=3"),
)  # fmt: skip
# Deployments that a release does not have.
ABSENT = "deploys nothing called Server"


def outcome(python: str, arguments: list[str], expected: str) -> str:
    """`ok`, `absent`, or the last line that tells why not."""
    done = subprocess.run(
        [python, "-m", "snapdoctor", "rehearse", *arguments, "--fail-on", "never"], capture_output=True, text=True, check=False
    )
    if ABSENT in done.stderr:
        return "absent"
    if expected in done.stdout:
        return "ok"
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "failed in" in line or "Error" in line]
    return "FAILED: " + (lines[0] if lines else (done.stdout + done.stderr)[-200:])


def main(interpreters: list[str]) -> int:
    """Print the table."""
    bad = 0
    for python in interpreters:
        version = subprocess.run(
            [python, "-c", "import modal; print(modal.__version__)"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for what, arguments, expected in LIVES:
            told = outcome(python, arguments, expected)
            bad += told not in ("ok", "absent")
            print(f"{version:8} {what:28} {told}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
