"""One case: a hazard is made in a sandbox, probed, checkpointed, perhaps disturbed, restored, and asked how it is.

`run` is for callers; the module run as a program is the part that stands inside the room.
"""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from . import outside
from .disturb import DISTURBANCES
from .sandbox import FOLDER, Sandbox, Silent, in_room, shown_here

HERE = Path(__file__).resolve().parent
PATIENCE = 60.0
"""Seconds for one step of a sandboxed program."""
WRITABLE_ROOT = ("--overlay2=root:memory",)
OPTIONS = {"unix_outside": ("--host-uds=open",), "written_to_root": WRITABLE_ROOT, "deleted_open_in_root": WRITABLE_ROOT}
"""What a hazard needs of runsc to be made."""


class Result(NamedTuple):
    """What happened; a step that was not reached is None."""

    refused: str | None = None
    """Why the sandbox does not let this hazard be made."""
    made: dict[str, Any] | None = None
    """What the hazard said of itself."""
    probe: int | None = None
    """Exit code of `snapdoctor probe` inside the sandbox."""
    report: dict[str, Any] | None = None
    """What it printed."""
    state: dict[str, Any] | None = None
    """What it saved."""
    complaint: str | None = None
    """What it said on standard error."""
    checkpoint: bool | None = None
    restore: bool | None = None
    held: str | None = None
    """`same`, or how the restored program differs."""
    why: str | None = None
    """The runtime's words for a failure."""

    @property
    def outcome(self) -> str:
        """One phrase for a table."""
        if self.refused is not None:
            return f"cannot be made: {self.refused}"
        if not self.checkpoint:
            return "checkpoint fails"
        if not self.restore:
            return "restore fails"
        return "restored" if self.held == "same" else f"restored, {self.held}"

    @property
    def survived(self) -> bool:
        """Checkpoint and restore did their work, whatever the program found afterwards."""
        return bool(self.checkpoint and self.restore)


def run(
    hazard: str, disturbance: str = "", probe: str = "", python: str = sys.executable, only_look: bool = False, seconds: float = 600.0
) -> Result:
    """Run one case in a room of its own.

    `probe` is the `snapdoctor` to run inside (none: do not probe), `python` what the hazard runs on; `only_look` ends after the probe. Raises RuntimeError where the case
    could not be carried out, subprocess.TimeoutExpired after `seconds`.
    """
    whole = [
        "env",
        f"PYTHONPATH={HERE.parent}",
        sys.executable,
        "-m",
        "checkpoint.case",
        hazard,
        disturbance,
        probe,
        python,
        str(only_look),
    ]
    done = in_room(whole, seconds)
    if done.returncode != 0:
        raise RuntimeError(f"{hazard} {disturbance}: {done.stderr or done.stdout}")
    return Result(**json.loads(done.stdout))


def main() -> None:
    """Inside the room."""
    hazard, disturbance, probe, python, only_look = sys.argv[1:]
    # What torch compiles goes into the sandbox's own memory: the rest of the machine is read-only there.
    environment = {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "TORCHINDUCTOR_CACHE_DIR": "/tmp/inductor"}
    with outside.wire() if hazard == "tcp_outside" else nullcontext("") as network:
        whole = [python, "-m", "hazards", hazard, str(FOLDER)]
        sandbox = Sandbox(whole, shown_here(Path(python)), environment, network=network, options=OPTIONS.get(hazard, ()))
        with outside.server(hazard, sandbox.folder):
            result = live(sandbox, disturbance, probe, only_look == "True")
    json.dump(result._asdict(), sys.stdout)


def live(sandbox: Sandbox, disturbance: str, probe: str, only_look: bool) -> Result:
    """Take a sandbox through its life."""
    if not (started := sandbox.start()).ok:
        raise SystemExit(f"the sandbox does not start: {started.output}")
    first = sandbox.line(PATIENCE * 5)
    if "refused" in first:
        sandbox.delete()
        return Result(refused=first["refused"])
    result = Result(made=first["made"])
    if probe:
        result = probed(sandbox, result, probe)
    if only_look:
        sandbox.delete()
        return result
    saved = sandbox.checkpoint()
    result = result._replace(checkpoint=saved.ok)
    if not saved.ok:
        return result._replace(why=saved.output)
    if disturbance:
        DISTURBANCES[disturbance](on_host(sandbox, first["made"]["file"]))
    if sandbox.network:
        outside.give_address(sandbox.network)
    back = sandbox.restore()
    result = result._replace(restore=back.ok)
    if not back.ok:
        sandbox.delete()
        return result._replace(why=back.output)
    try:
        sandbox.signal("USR2")
        return result._replace(held=sandbox.line(PATIENCE)["state"])
    except Silent as silence:
        return result._replace(held=str(silence))
    finally:
        sandbox.delete()


def probed(sandbox: Sandbox, result: Result, probe: str) -> Result:
    """Add what `snapdoctor probe` says inside the sandbox."""
    saved = FOLDER / "state.json"
    code, printed, complaint = sandbox.execute([probe, "probe", "--pid", "1", "--format", "json", "--save", str(saved)], PATIENCE)
    host = on_host(sandbox, str(saved))
    state = json.loads(host.read_text()) if host.exists() else None
    host.unlink(missing_ok=True)
    return result._replace(probe=code, report=json.loads(printed) if printed else None, state=state, complaint=complaint)


def on_host(sandbox: Sandbox, path: str) -> Path:
    """Where a path of the sandbox's folder lies outside."""
    return sandbox.folder / Path(path).relative_to(FOLDER)


if __name__ == "__main__":
    main()
