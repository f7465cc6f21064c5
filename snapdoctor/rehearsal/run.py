"""One container, from the start of its first process until nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from modal_proto import api_pb2

from snapdoctor.looking import LookFailed
from snapdoctor.rehearsal import model, trace
from snapdoctor.rehearsal.container import ORDER
from snapdoctor.rehearsal.control_plane import APP
from snapdoctor.rehearsal.model import Answer, Failure, Rehearsal
from snapdoctor.rehearsal.place import STEP, Captured, Launch
from snapdoctor.rehearsal.result import Lived, rehearsal
from snapdoctor.rehearsal.service import has_field
from snapdoctor.rehearsal.surroundings import SECOND_TASK
from snapdoctor.rehearsal.target import parameters
from snapdoctor.rehearsal.view import as_in_a_container

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from snapdoctor.container.model import ContainerState
    from snapdoctor.rehearsal.control_plane import ControlPlane
    from snapdoctor.rehearsal.keeping import Ended
    from snapdoctor.rehearsal.life import Life
    from snapdoctor.rehearsal.place import Place
    from snapdoctor.rehearsal.service import Service
    from snapdoctor.rehearsal.surroundings import Surroundings
    from snapdoctor.rehearsal.target import Target

# A server that listens on 127.0.0.1 only does not answer here, as it does not on Modal, whose proxy comes from another address.
OUTSIDE = "127.0.0.2"
EXIT_SECONDS = 30.0
CANCEL_SECONDS = 5.0
DROPPED_SECONDS = 5.0
PROGRAM = ("-m", "snapdoctor.rehearsal.container")


class _Over(Exception):
    """The life is over before its time."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.what)


class Run:
    """One rehearsed container; `scratch` is the folder that it shares with us."""

    def __init__(
        self,
        wanted: str,
        target: Target,
        plane: ControlPlane,
        service: Service,
        life: Life,
        surroundings: Surroundings,
        scratch: Path,
        place: Place,
    ) -> None:
        self.wanted, self.target, self.plane, self.service, self.life = wanted, target, plane, service, life
        self.surroundings, self.scratch, self.place = surroundings, scratch, place
        self.state: ContainerState | None = None
        self.served: ContainerState | None = None
        self.captured = Captured()
        self.failure: Failure | None = None
        self.web_answers: list[Answer] = []
        self.notes = list(place.notes)
        self.spawned = 0.0

    async def run(self, given: Mapping[str, str], path: str, show: Callable[[bytes], None] | None) -> Rehearsal:
        """Live it: `given` are the class's parameters, `path` is what a server is asked for, `show` gets the output as it comes."""
        self._write_order(given)
        self.spawned = time.monotonic()
        ended: Ended | None = None
        try:
            folder = self.target.path.resolve().parent
            await self.place.start(Launch([sys.executable, *PROGRAM], self._environment(), folder, self.surroundings.binds, show))
            await self._live(path)
            ended = await self._leave()
        except _Over as over:
            self.failure = over.failure
        finally:
            told = trace.lines(self.scratch / "trace", self.place.wall)
            await self.place.kept.end()
        return rehearsal(
            Lived(
                self.wanted, self.target, self.surroundings, told, dict(self.life.marks), self.spawned, time.monotonic(), self.state, self.served,
                self.captured, tuple(self.web_answers), self.failure, ended, self.place.kept.text(), tuple(self.notes),
                tuple(sorted(self.service.refused)),
            ),
            self.life,
        )  # fmt: skip

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

    def _write_order(self, given: Mapping[str, str]) -> None:
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
            serialized_params=parameters(self.target, dict(given)),
        )
        if has_field(api_pb2.ContainerArguments, "app_layout"):
            arguments.app_layout.CopyFrom(self.plane.layout())
        (self.scratch / "restore").mkdir()
        (self.scratch / "arguments").write_bytes(arguments.SerializeToString())
        (self.scratch / "environment").write_text("\0".join(f"{name}={value}" for name, value in self.surroundings.environment.items()))

    async def _live(self, path: str) -> None:
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
            await self._ask_server(path)
        elif self.life.inputs and "ready" in self.life.marks:
            await self._answered(float(function.timeout_secs))

    async def _within(self, waiting: Awaitable[None], seconds: float, option: str) -> None:
        """Wait for something, for the container's end, or for the time to be up."""
        wait = asyncio.ensure_future(waiting)
        gone = asyncio.ensure_future(self.place.kept.wait())
        try:
            done, _ = await asyncio.wait({wait, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (wait, gone):
                if not task.done():
                    task.cancel()
        if not done:
            raise _Over(_too_long(option, seconds))

    async def _capture(self) -> None:
        """What happens at the pause: connections are dropped, the container is looked at, captured and brought back, and life goes on."""
        await self._dropped()
        self.state = await self._look()
        self.captured = await self.place.capture(self.state, self._go_on)
        saved = self.captured.saved
        if saved is not None and saved.failed:
            phase = model.CAPTURE if saved.failed == "save" else model.RESTORE
            raise _Over(Failure(phase, f"{saved.engine} {saved.version} could not {saved.failed} the container: {saved.error}", "", ""))

    def _go_on(self) -> None:
        temporary = self.scratch / "restore" / ".state"
        temporary.write_text(json.dumps({"task_id": SECOND_TASK, "function_id": "", "snapshot_debug": "0"}))
        self.life.mark("restored")
        temporary.rename(self.scratch / "restore" / "state.json")

    async def _dropped(self) -> None:
        """Until the runtime has closed its connection to us, as it does before every capture."""
        until = time.monotonic() + DROPPED_SECONDS
        while time.monotonic() < until and self.service.is_connected():
            await asyncio.sleep(STEP)

    async def _look(self) -> ContainerState | None:
        try:
            return as_in_a_container(await self.place.look(), self.surroundings.binds)
        except LookFailed as error:
            self.notes.append(f"the container could not be looked at: {error}")
            return None

    async def _answered(self, seconds: float) -> None:
        for number in range(1, len(self.life.inputs) + 1):
            phase = model.ANSWER if number == 1 else model.AGAIN
            try:
                await self._within(self.life.until(f"output {number}", "result"), seconds, "timeout")
            except _Over:
                self.life.looked.set()
                self.life.cancel()
                with_time = asyncio.ensure_future(self.life.until(f"output {number}"))
                await asyncio.wait({with_time}, timeout=CANCEL_SECONDS)
                with_time.cancel()
                self.failure = Failure(phase, f"the request took longer than timeout={seconds:g} allows and was cancelled", "", "timeout")
                return
            if number == 1:
                self.served = await self._look()
                self.life.looked.set()

    async def _ask_server(self, path: str) -> None:
        """One request to a server's port; its startup limit is for the port to open."""
        config = self.target.function.http_config
        limit = float(config.startup_timeout or 30)
        asking = asyncio.ensure_future(self.place.ask(OUTSIDE, config.port, path, limit))
        gone = asyncio.ensure_future(self.place.kept.wait())
        await asyncio.wait({asking, gone}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done() and isinstance(asking.exception(), LookFailed):
            # Most likely it could not be asked because it is about to have ended.
            await asyncio.wait({gone}, timeout=CANCEL_SECONDS)
        if gone.done():
            asking.cancel()
            return
        gone.cancel()
        try:
            asked = await asking
        except LookFailed as error:
            raise _Over(Failure(model.ANSWER, str(error), "", "")) from error
        if asked is None:
            raise _Over(_too_long("startup_timeout", limit))
        self.life.mark("answered")
        self.web_answers.append(Answer(asked.status[:1] in tuple("234"), asked.status, asked.seconds))
        self.served = await self._look()
        self.life.mark("stopping")
        await self.place.terminate()

    async def _leave(self) -> Ended | None:
        gone = asyncio.ensure_future(self.place.kept.wait())
        done, _ = await asyncio.wait({gone}, timeout=EXIT_SECONDS)
        if not done:
            gone.cancel()
            self.notes.append(f"the container did not end within {EXIT_SECONDS:g} s after its last request")
            return None
        return gone.result()


def _too_long(option: str, seconds: float) -> Failure:
    return Failure("", f"it took longer than {option}={seconds:g} allows", "", option)
