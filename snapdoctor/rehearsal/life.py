"""The platform's half of one container's life: what Modal's runtime asks while it runs (modal 1.2 to 1.6, each RPC checked against its client)."""

from __future__ import annotations

import asyncio
import collections
import time
from typing import TYPE_CHECKING, Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2

from snapdoctor.rehearsal.service import message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELD_OPEN = 14.0
"""The client gives up a heartbeat after 15 s."""


class Life:
    """Answers a running container, and notes when it asked for what; times are `time.monotonic()`."""

    def __init__(self, inputs: list[api_pb2.FunctionGetInputsItem]) -> None:
        self.inputs = inputs
        self.outputs: list[api_pb2.FunctionPutOutputsItem] = []
        self.chunks: dict[str, list[Any]] = collections.defaultdict(list)
        self.results: list[api_pb2.TaskResultRequest] = []
        self.commits: list[str] = []
        self.marks: dict[str, float] = {}
        """`hello`, `checkpoint`, `ready`, `input 1`, `output 1`, ..., `stop`, `result`, `server`: when each came first."""
        self.changed = asyncio.Event()
        self.looked = asyncio.Event()
        """Set when the container may go on after its first answer: until then it is given nothing more to do, and does not end."""
        self._given = 0
        self._cancel = asyncio.Event()
        self._stopped = False

    def mark(self, name: str) -> None:
        """Note the time of what happened for the first time."""
        self.marks.setdefault(name, time.monotonic())
        self.changed.set()

    async def until(self, *names: str) -> None:
        """Wait until one of these has happened."""
        while not any(name in self.marks for name in names):
            self.changed.clear()
            await self.changed.wait()

    def cancel(self) -> None:
        """Cancel the input that is running, as the platform does when its time is up; the container gets no other one."""
        self._stopped = True
        self._cancel.set()

    async def ContainerHello(self, _: Any) -> Any:
        self.mark("hello")
        return Empty()

    async def ContainerCheckpoint(self, _: Any) -> Any:
        self.mark("checkpoint")
        return Empty()

    async def ContainerHeartbeat(self, _: Any) -> Any:
        try:
            await asyncio.wait_for(self._cancel.wait(), HELD_OPEN)
        except asyncio.TimeoutError:
            return api_pb2.ContainerHeartbeatResponse()
        self._cancel.clear()
        running = [self.inputs[self._given - 1].input_id] if self._given else []
        return api_pb2.ContainerHeartbeatResponse(cancel_input_event=api_pb2.CancelInputEvent(input_ids=running))

    async def ContainerServerLifecycleReady(self, _: Any) -> Any:
        self.mark("server")
        return Empty()

    async def ContainerStop(self, _: Any) -> Any:
        self._stopped = True
        self.mark("stop")
        return message(api_pb2.ContainerStopResponse)

    async def FunctionGetInputs(self, _: Any) -> Any:
        self.mark("ready")
        while len(self.outputs) < self._given and not self._stopped:
            self.changed.clear()
            await self.changed.wait()
        if self._given and not self._stopped:
            await self.looked.wait()
        if self._given >= len(self.inputs) or self._stopped:
            self.mark("stop")
            return api_pb2.FunctionGetInputsResponse(inputs=[api_pb2.FunctionGetInputsItem(kill_switch=True)])
        item = self.inputs[self._given]
        self._given += 1
        self.mark(f"input {self._given}")
        return api_pb2.FunctionGetInputsResponse(inputs=[item])

    async def FunctionPutOutputs(self, request: Any) -> Any:
        for output in request.outputs:
            self.outputs.append(output)
            self.mark(f"output {len(self.outputs)}")
        return Empty()

    async def FunctionCallPutDataOut(self, request: Any) -> Any:
        self.chunks[request.function_call_id].extend(request.data_chunks)
        return Empty()

    async def FunctionCallGetDataIn(self, request: Any) -> AsyncIterator[Any]:
        if request.last_index < 1:
            body = api_pb2.Asgi(http_request=api_pb2.Asgi.HttpRequest(body=b"", more_body=False))
            yield api_pb2.DataChunk(data_format=api_pb2.DATA_FORMAT_ASGI, index=1, data=body.SerializeToString())
        await self.until("stop", "result")

    async def FunctionGetDynamicConcurrency(self, request: Any) -> Any:
        return api_pb2.FunctionGetDynamicConcurrencyResponse(concurrency=request.target_concurrency)

    async def VolumeCommit(self, request: Any) -> Any:
        self.commits.append(request.volume_id)
        return message(api_pb2.VolumeCommitResponse)

    async def TaskResult(self, request: Any) -> Any:
        self.results.append(request)
        self.mark("result")
        return Empty()


class ServerLife(Life):
    """A server's container up to modal 1.5.5, which asks for a tunnel to its port once its hooks have run (read there: experimental/flash.py)."""

    async def TunnelStart(self, _: Any) -> Any:
        self.mark("server")
        return message(api_pb2.TunnelStartResponse, host="rehearsal.invalid", port=443)

    async def TunnelStop(self, _: Any) -> Any:
        return message(api_pb2.TunnelStopResponse, exists=True)
