"""What a rehearsal saw of one life, as frozen data; times are seconds, sizes bytes."""

from __future__ import annotations

from typing import NamedTuple

from snapdoctor.container.model import ContainerState

# Phases of a rehearsed life, in their order.
START = "start"
IMPORT = "import"
BEFORE = "enter(snap=True)"
CAPTURE = "capture"
RESTORE = "restore"
AFTER = "enter(snap=False)"
WEB = "web server"
ANSWER = "first answer"
AGAIN = "second answer"
EXIT = "exit"
PHASES = (START, IMPORT, BEFORE, CAPTURE, RESTORE, AFTER, WEB, ANSWER, AGAIN, EXIT)
IN_PLACE = "in place"
# What is paid by each restored container.
RESTORED = (RESTORE, AFTER, WEB, ANSWER)
# What a container pays that starts without a snapshot.
COLD = (START, IMPORT, BEFORE, AFTER, WEB, ANSWER)
# What is paid once, by the container that makes the snapshot.
ONCE = (START, IMPORT, BEFORE, CAPTURE)


class Phase(NamedTuple):
    """One phase as it was measured."""

    name: str
    seconds: float


class Hook(NamedTuple):
    """One lifecycle hook that ran."""

    name: str
    phase: str
    seconds: float


class Import(NamedTuple):
    """One top-level package that an import statement loaded; what it loaded itself is in it."""

    name: str
    phase: str
    seconds: float
    by: str
    """The module that imported it."""


class Copy(NamedTuple):
    """A value of the environment that the app's objects have kept since before the snapshot."""

    where: str
    """`self.token`, `app.TOKEN`, `self.config['key']`."""
    variable: str
    secret: str
    """The Secret it comes from; empty for a variable of the container itself (MODAL_TASK_ID)."""
    sure: bool
    """It was seen to be the same object before and after; False: only that it is there at the end."""


class Failure(NamedTuple):
    """Why a life did not go on."""

    phase: str
    what: str
    """One line: `RuntimeError('no model')`, or which limit was exceeded."""
    traceback: str
    """The user's own, without our frames; empty where there is none."""
    limit: str
    """The option whose time was up (`startup_timeout`, `timeout`); empty: no limit was exceeded."""


class Answer(NamedTuple):
    """What a request was answered with."""

    good: bool
    text: str
    """The value, the HTTP status line or the exception, shortened."""
    seconds: float
    traceback: str = ""


class Suspended(NamedTuple):
    """One CUDA process that the driver suspended, or could not."""

    pid: int
    command: str
    step: str
    """`lock`, `checkpoint`, `restore` or `unlock`: the last one that was tried."""
    error: str
    """The driver's name for what went wrong; empty: all went well."""
    seconds: float
    memory: int | None
    """Host memory that it gained."""


class Checkpoint(NamedTuple):
    """A CUDA checkpoint of the whole tree, and its way back."""

    driver: str
    processes: tuple[Suspended, ...]
    used_before: int | None
    """GPU memory in use before, while suspended and after; None where NVML does not tell."""
    used_suspended: int | None
    used_after: int | None
    suspend_seconds: float
    resume_seconds: float
    skipped: str
    """Why there was none; empty: there was one."""

    @property
    def failed(self) -> tuple[Suspended, ...]:
        """The processes that could not be suspended and brought back."""
        return tuple(one for one in self.processes if one.error)


class Saved(NamedTuple):
    """The container as a whole, saved to disk, ended, and restored from there."""

    engine: str
    """`gVisor` or `CRIU`."""
    version: str
    is_modals: bool
    """Whether it refuses only what Modal's refuses too, as far as is known."""
    failed: str
    """`save` or `restore`: what did not succeed; empty: both did."""
    error: str
    """The engine's own words for that."""
    image: int | None
    """Size on disk; None where nothing was saved."""
    save_seconds: float
    restore_seconds: float


class Rehearsal(NamedTuple):
    """One rehearsed life."""

    target: str
    deployment: str
    method: str
    """Which method or endpoint was called; empty for a function or server."""
    kind: str
    """`cls`, `function` or `server`."""
    modal: str
    """The client's version."""
    snapshot: str
    """`gpu`, `cpu` or `none`: what the deployment asks for."""
    startup_timeout: int
    timeout: int
    phases: tuple[Phase, ...]
    hooks: tuple[Hook, ...]
    imports: tuple[Import, ...]
    copies: tuple[Copy, ...]
    state: ContainerState | None
    """At the moment of the capture; None where it did not come so far, or nothing is captured."""
    served: ContainerState | None
    """After the first answer."""
    checkpoint: Checkpoint | None
    saved: Saved | None
    """What `--sandbox` did; None without it, and where the life did not come so far."""
    answers: tuple[Answer, ...]
    failure: Failure | None
    survivors: tuple[str, ...]
    """Processes that outlived the container."""
    output: str
    """The end of what the container printed."""
    notes: tuple[str, ...]
    """What this machine does otherwise than Modal, and what was not given."""

    def seconds(self, *phases: str) -> float:
        """These phases together."""
        return sum(phase.seconds for phase in self.phases if phase.name in phases)

    @property
    def was_answered(self) -> bool:
        """The life came to its end, and every request had a good answer."""
        return self.failure is None and bool(self.answers) and all(answer.good for answer in self.answers)

    @property
    def restore_seconds(self) -> float | None:
        """From the suspended state to the first answer, the CUDA state's way back in it; None where nothing was captured or not all was answered."""
        if not self.was_answered or self.snapshot == "none":
            return None
        return self.seconds(*RESTORED) + (self.checkpoint.resume_seconds if self.checkpoint is not None else 0.0)

    @property
    def cold_start_seconds(self) -> float | None:
        """To the first answer without a snapshot; None where not all was answered."""
        return self.seconds(*COLD) if self.was_answered else None


def in_place(pid: int, state: ContainerState, checkpoint: Checkpoint) -> Rehearsal:
    """A running tree that was only suspended and brought back."""
    return Rehearsal(
        target=f"pid {pid}", deployment=f"pid {pid}", method="", kind=IN_PLACE, modal="", snapshot="gpu", startup_timeout=0, timeout=0, phases=(),
        hooks=(), imports=(), copies=(), state=state, served=None, checkpoint=checkpoint, saved=None, answers=(), failure=None, survivors=(), output="", notes=(),
    )  # fmt: skip


def left_alone(why: str) -> Checkpoint:
    """A checkpoint that was not tried."""
    return Checkpoint("", (), None, None, None, 0.0, 0.0, why)
