"""One container life, start to end, on this machine: Modal's runtime in a process of its own, and us as the platform."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import modal
import psutil
from modal_proto import api_pb2

from snapdoctor.looking import LookFailed
from snapdoctor.probing import live_state
from snapdoctor.rehearsal import model, trace
from snapdoctor.rehearsal.answers import SUCCESS, answers, own_frames
from snapdoctor.rehearsal.container import ORDER
from snapdoctor.rehearsal.control_plane import APP, ControlPlane
from snapdoctor.rehearsal.keeping import Kept
from snapdoctor.rehearsal.life import Life, ServerLife
from snapdoctor.rehearsal.model import Answer, Failure, Rehearsal
from snapdoctor.rehearsal.resolve import record
from snapdoctor.rehearsal.service import Service, has_field
from snapdoctor.rehearsal.surroundings import SECOND_TASK, Surroundings, around
from snapdoctor.rehearsal.suspending import Suspending
from snapdoctor.rehearsal.target import Target, chosen, parameters, requests, split
from snapdoctor.rehearsal.view import as_in_a_container

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.keeping import Ended
    from snapdoctor.rehearsal.model import Checkpoint

# A server that listens on 127.0.0.1 only does not answer here, as it does not on Modal, whose proxy comes from another address.
OUTSIDE = "127.0.0.2"
REQUESTS = 2
EXIT_SECONDS = 30.0
CANCEL_SECONDS = 5.0
DROPPED_SECONDS = 5.0
STEP = 0.005
PROGRAM = ("-m", "snapdoctor.rehearsal.container")
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)


class Wanted(NamedTuple):
    """What the command line asks for."""

    target: str
    method: str = ""
    input: str | None = None
    path: str = "/"
    parameters: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    volumes: Mapping[str, str] = {}
    show: Callable[[bytes], None] | None = None
    """Gets the container's output as it comes."""


class _Limit(Exception):
    """An option's time is up."""

    def __init__(self, option: str, seconds: float) -> None:
        self.option = option
        self.seconds = seconds
        super().__init__(option)


def rehearse(wanted: Wanted) -> Rehearsal:
    """Rehearse one life; whatever was started is ended when this returns or is interrupted.

    Raises `resolve.ResolveError`, `target.BadTarget` and `surroundings.BadSurroundings`.
    """
    return asyncio.run(_rehearsed(wanted))


async def _rehearsed(wanted: Wanted) -> Rehearsal:
    path, name = split(wanted.target)
    plane = ControlPlane()
    service = Service(plane)
    await service.start()
    try:
        await record(path, service)
        target = chosen(plane, path, name, wanted.method, wanted.input is not None)
        life = (ServerLife if target.kind == "server" else Life)(requests(target, wanted.input, wanted.path, REQUESTS))
        service.answers = (life, plane)
        # The keeper removes the folder, also when this process is killed.
        scratch = Path(tempfile.mkdtemp(prefix="snapdoctor-rehearsal-"))
        given = {"env": wanted.environment, "secrets": wanted.secrets, "volumes": wanted.volumes}
        surroundings = around(plane, target, service.url, scratch, given)
        return await _Run(wanted, target, plane, service, life, scratch, surroundings).run()
    finally:
        await service.stop()


class _Run:
    """One container."""

    def __init__(
        self, wanted: Wanted, target: Target, plane: ControlPlane, service: Service, life: Life, scratch: Path, surroundings: Surroundings
    ) -> None:
        self.wanted, self.target, self.plane, self.service, self.life = wanted, target, plane, service, life
        self.scratch, self.surroundings = scratch, surroundings
        self.kept = Kept()
        self.state: ContainerState | None = None
        self.served: ContainerState | None = None
        self.checkpoint: Checkpoint | None = None
        self.failure: Failure | None = None
        self.web_answers: list[Answer] = []
        self.notes = list(surroundings.notes)
        self.spawned = 0.0

    async def run(self) -> Rehearsal:
        """From the start of the process until nothing of it is left."""
        self._write_order()
        self.spawned = time.monotonic()
        ended: Ended | None = None
        try:
            await self.kept.start(
                [sys.executable, *PROGRAM],
                self._environment(),
                self.target.path.resolve().parent,
                binds=self.surroundings.binds,
                scratch=str(self.scratch),
                show=self.wanted.show,
            )
            await self._live()
            ended = await self._leave()
        except _Limit as limit:
            self.failure = Failure("", f"it took longer than {limit.option}={limit.seconds:g} allows", "", limit.option)
        finally:
            told = trace.lines(self.scratch / "trace")
            await self.kept.end()
        return self._rehearsal(told, ended)

    def _environment(self) -> dict[str, str]:
        function = self.target.function
        order = {
            "trace": str(self.scratch / "trace"),
            "wait": "",
            "environment": str(self.scratch / "environment"),
            "address": OUTSIDE,
            "watched": sorted(self.surroundings.secrets),
            "module": function.module_name,
        }
        return {**self.surroundings.environment, ORDER: json.dumps(order)}

    def _write_order(self) -> None:
        """The container's arguments as the platform passes them; without a GPU type, so that the runtime leaves the GPU to us."""
        function = api_pb2.Function()
        function.CopyFrom(self.target.function)
        function.resources.gpu_config.gpu_type = ""
        arguments = api_pb2.ContainerArguments(
            task_id=self.surroundings.environment["MODAL_TASK_ID"],
            function_id=self.plane.tags[self.target.tag],
            app_id=APP,
            function_def=function,
            environment_name="main",
            checkpoint_id="ch-rehearsal" if function.is_checkpointing_function else "",
            serialized_params=parameters(self.target, dict(self.wanted.parameters)),
        )
        if has_field(api_pb2.ContainerArguments, "app_layout"):
            arguments.app_layout.CopyFrom(self.plane.layout())
        (self.scratch / "restore").mkdir()
        (self.scratch / "arguments").write_bytes(arguments.SerializeToString())
        (self.scratch / "environment").write_text("\0".join(f"{name}={value}" for name, value in self.surroundings.environment.items()))

    async def _live(self) -> None:
        """Start, capture, restore, answer."""
        function = self.target.function
        startup = float(getattr(function, "startup_timeout_secs", 0) or function.timeout_secs)
        if self.target.kind == "server":
            startup = float(function.http_config.startup_timeout or startup)
        until_ready = asyncio.create_task(self.life.until("ready", "server", "result"))
        try:
            if function.is_checkpointing_function:
                await self._within(self.life.until("checkpoint", "result"), startup, "startup_timeout")
                if "checkpoint" in self.life.marks:
                    await self._capture()
            await self._within(until_ready, startup, "startup_timeout")
        finally:
            until_ready.cancel()
        if "server" in self.life.marks:
            await self._ask_server()
        elif self.life.inputs and "ready" in self.life.marks:
            await self._answered(float(function.timeout_secs))

    async def _within(self, waiting: Awaitable[None], seconds: float, option: str) -> None:
        """Wait for something, for the container's end, or for the time to be up."""
        wait = asyncio.ensure_future(waiting)
        gone = asyncio.ensure_future(self.kept.wait())
        try:
            done, _ = await asyncio.wait({wait, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (wait, gone):
                if not task.done():
                    task.cancel()
        if not done:
            raise _Limit(option, seconds)

    async def _capture(self) -> None:
        """What happens at the pause: connections are dropped, the tree is looked at, suspended and brought back, and life goes on."""
        await self._dropped()
        self.state = await asyncio.to_thread(self._look)
        if self.state is not None:
            self.checkpoint = await asyncio.to_thread(self._checkpointed, self.state)
        temporary = self.scratch / "restore" / ".state"
        temporary.write_text(json.dumps({"task_id": SECOND_TASK, "function_id": "", "snapshot_debug": "0"}))
        self.life.mark("restored")
        temporary.rename(self.scratch / "restore" / "state.json")

    async def _dropped(self) -> None:
        """Until the runtime has closed its connection to us, as it does before every capture."""
        until = time.monotonic() + DROPPED_SECONDS
        while time.monotonic() < until and self._is_connected():
            await asyncio.sleep(STEP)

    def _is_connected(self) -> bool:
        try:
            process = psutil.Process(self.kept.pid)
            ask = getattr(process, "net_connections", None) or process.connections
            return any(one.raddr and one.raddr.port == self.service.port and one.status == "ESTABLISHED" for one in ask())
        except psutil.Error:
            return False

    def _look(self) -> ContainerState | None:
        try:
            return as_in_a_container(live_state(self.kept.pid), self.surroundings.binds)
        except LookFailed as error:
            self.notes.append(f"the container could not be looked at: {error}")
            return None

    def _checkpointed(self, state: ContainerState) -> Checkpoint:
        with Suspending(state) as suspending:
            if not suspending.skipped and suspending.suspend():
                suspending.resume()
            return suspending.checkpoint()

    async def _answered(self, seconds: float) -> None:
        for number in range(1, len(self.life.inputs) + 1):
            try:
                await self._within(self.life.until(f"output {number}", "result"), seconds, "timeout")
            except _Limit as limit:
                self.life.looked.set()
                self.life.cancel()
                with_time = asyncio.ensure_future(self.life.until(f"output {number}"))
                await asyncio.wait({with_time}, timeout=CANCEL_SECONDS)
                with_time.cancel()
                self.failure = Failure(
                    model.ANSWER if number == 1 else model.AGAIN,
                    f"the request took longer than timeout={limit.seconds:g} allows and was cancelled",
                    "",
                    "timeout",
                )
                return
            if number == 1:
                self.served = await asyncio.to_thread(self._look)
                self.life.looked.set()

    async def _ask_server(self) -> None:
        """One request to a server's port, as Modal's proxy would send it; its startup limit is for the port to open."""
        config = self.target.function.http_config
        limit = float(config.startup_timeout or 30)
        began = time.monotonic()
        while time.monotonic() - began < limit:
            try:
                reader, writer = await asyncio.open_connection(OUTSIDE, config.port)
            except OSError:
                await asyncio.sleep(STEP)
                continue
            writer.write(f"GET {self.wanted.path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            line = (await reader.readline()).decode("utf-8", "replace").strip()
            writer.close()
            self.life.mark("answered")
            status = line.split(" ", 1)[1] if " " in line else line
            self.web_answers.append(Answer(status[:1] in tuple("234"), status, time.monotonic() - began))
            self.served = await asyncio.to_thread(self._look)
            break
        else:
            raise _Limit("startup_timeout", limit)
        self.life.mark("stopping")
        self.kept.signal(signal.SIGTERM)

    async def _leave(self) -> Ended | None:
        gone = asyncio.ensure_future(self.kept.wait())
        done, _ = await asyncio.wait({gone}, timeout=EXIT_SECONDS)
        if not done:
            gone.cancel()
            self.notes.append(f"the container did not end within {EXIT_SECONDS:g} s after its last request")
            return None
        return gone.result()

    def _rehearsal(self, told: list[trace.Line], ended: Ended | None) -> Rehearsal:
        function, marks = self.target.function, self.life.marks
        found = trace.boundaries(told, marks, self.spawned, time.monotonic())
        snapshot = "none" if not function.is_checkpointing_function else "gpu" if self.target.wants_gpu_snapshot else "cpu"
        refused = [f"{name} was asked of the platform and is not part of a rehearsal" for name in sorted(self.service.refused)]
        leans = [f"this modal lacks a name that the rehearsal leans on: {name}" for name in trace.missing(told)]
        return Rehearsal(
            target=self.wanted.target,
            deployment=self.target.name,
            method=self.target.method,
            kind=self.target.kind,
            modal=modal.__version__,
            snapshot=snapshot,
            startup_timeout=int(getattr(function, "startup_timeout_secs", 0) or function.timeout_secs),
            timeout=function.timeout_secs,
            phases=trace.phases(found, marks),
            hooks=trace.hooks(told),
            imports=trace.imports(told, found),
            copies=trace.copies(told, self.surroundings.secrets),
            state=self.state,
            served=self.served,
            checkpoint=self.checkpoint,
            answers=(*answers(self.life), *self.web_answers),
            failure=self._failed(found, ended),
            survivors=ended.survivors if ended is not None else (),
            output=self.kept.text(),
            notes=(*self.notes, *refused, *leans),
        )

    def _failed(self, found: list[tuple[str, float]], ended: Ended | None) -> Failure | None:
        """The task's own word for it comes first: its exit code says nothing (modal 1.6.4)."""
        for result in self.life.results:
            if result.result.status != SUCCESS:
                phase = trace.phase_at(found, self.life.marks["result"])
                return Failure(phase, result.result.exception, own_frames(result.result.traceback), "")
        if self.failure is not None:
            return self.failure if self.failure.phase else self.failure._replace(phase=found[-2][0])
        if ended is None or "stopping" in self.life.marks:
            return None
        if ended.status not in (0, None):
            return Failure(found[-2][0], _how(ended.status), self.kept.text()[-4000:].strip(), "")
        if not self.life.marks.keys() & {"ready", "server"}:
            return Failure(found[-2][0], "the container ended by itself before it was ready", self.kept.text()[-4000:].strip(), "")
        if len(self.life.outputs) < len(self.life.inputs):
            return Failure(found[-2][0], "the container ended by itself before it had answered", self.kept.text()[-4000:].strip(), "")
        return None


def _how(status: int) -> str:
    """What an exit code other than zero says; a crash in an engine's own library leaves no traceback unless one is asked for."""
    if status > 0:
        return f"the container ended with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    asked = "; --env PYTHONFAULTHANDLER=1 shows where" if -status in CRASHES else ""
    return f"the container was ended by {name}{asked}"
