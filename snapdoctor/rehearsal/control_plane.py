"""What `modal deploy` asks of the platform, answered and kept.

Each public method in capitals is an RPC. Images count as built, files as stored and every secret and Volume as there, so that nothing is
uploaded and nothing leaves this machine.
"""

from __future__ import annotations

import base64
import importlib
import itertools
import json
import time
import typing
from typing import TYPE_CHECKING, Any

from google.protobuf.empty_pb2 import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from modal_proto import api_pb2

from snapdoctor.rehearsal.service import has_field, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

APP = "ap-rehearsal"
WANTED_BUILDER = "2025.06"
# Results up to this size come back in the answer itself: there is no blob store to put them in.
LARGEST_OBJECT = 64 << 20
A_DAY = 24 * 60 * 60
NOWHERE = "http://rehearsal.invalid"


def builder_version() -> str:
    """An image builder version that the installed client knows; the account's own cannot be known here."""
    for name in ("modal._image", "modal.image"):
        try:
            known = typing.get_args(importlib.import_module(name).ImageBuilderVersion)
        except (ImportError, AttributeError):
            continue
        dated = sorted(version for version in known if version[:4].isdigit() and len(version) == 7)
        if dated:
            return WANTED_BUILDER if WANTED_BUILDER in dated else str(dated[-1])
    return WANTED_BUILDER


class ControlPlane:
    """Answers a deploying client, and holds what it sent."""

    def __init__(self) -> None:
        self.images: dict[str, api_pb2.ImageGetOrCreateRequest] = {}
        self.mounts: dict[str, api_pb2.MountGetOrCreateRequest] = {}
        self.secrets: dict[str, api_pb2.SecretGetOrCreateRequest] = {}
        self.volumes: dict[str, api_pb2.VolumeGetOrCreateRequest] = {}
        self.functions: dict[str, api_pb2.Function] = {}
        self.tags: dict[str, str] = {}
        """Function tag (`Model.*`, `add`) to function id."""
        self.gpus: dict[str, tuple[str, ...]] = {}
        """Function id to what `gpu=` lists, `TYPE:COUNT` each."""
        self.app_name = ""
        self._metadata: dict[str, api_pb2.FunctionHandleMetadata] = {}
        self._classes: dict[str, api_pb2.ClassCreateRequest] = {}
        self._published: api_pb2.AppPublishRequest | None = None
        self._named: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(1)
        self._builder = builder_version()

    def _new(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers):06d}"

    async def ClientHello(self, _: Any) -> Any:
        return message(api_pb2.ClientHelloResponse, image_builder_version=self._builder)

    async def AuthTokenGet(self, _: Any) -> Any:
        parts = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
            for part in ({"alg": "none"}, {"exp": int(time.time()) + A_DAY})
        ]
        return api_pb2.AuthTokenGetResponse(token=".".join([*parts, "x"]))

    async def EnvironmentGetOrCreate(self, request: Any) -> Any:
        settings = message(api_pb2.EnvironmentSettings, image_builder_version=self._builder)
        metadata = api_pb2.EnvironmentMetadata(name=request.deployment_name or "main", settings=settings)
        return api_pb2.EnvironmentGetOrCreateResponse(environment_id="en-rehearsal", metadata=metadata)

    async def AppGetByDeploymentName(self, _: Any) -> Any:
        return message(api_pb2.AppGetByDeploymentNameResponse)

    async def AppGetOrCreate(self, _: Any) -> Any:
        return message(api_pb2.AppGetOrCreateResponse, app_id=APP)

    async def AppCreate(self, request: Any) -> Any:
        self.app_name = request.description
        return message(api_pb2.AppCreateResponse, app_id=APP, app_page_url=NOWHERE, app_logs_url=NOWHERE)

    async def AppHeartbeat(self, _: Any) -> Any:
        return Empty()

    async def AppClientDisconnect(self, _: Any) -> Any:
        return Empty()

    async def AppGetLayout(self, _: Any) -> Any:
        return api_pb2.AppGetLayoutResponse(app_layout=self.layout())

    async def AppPublish(self, request: Any) -> Any:
        self._published = request
        return message(api_pb2.AppPublishResponse, url=NOWHERE, deployed_at=time.time())

    async def MountBatchedCheckExistence(self, _: Any) -> Any:
        return api_pb2.MountBatchedCheckExistenceResponse()

    async def MountPutFile(self, _: Any) -> Any:
        return api_pb2.MountPutFileResponse(exists=True)

    async def MountGetOrCreate(self, request: Any) -> Any:
        identity = self._new("mo")
        self.mounts[identity] = request
        return api_pb2.MountGetOrCreateResponse(mount_id=identity, handle_metadata=_mount_metadata())

    async def ImageGetOrCreate(self, request: Any) -> Any:
        identity = self._new("im")
        self.images[identity] = request
        version = request.builder_version or self._builder
        return message(
            api_pb2.ImageGetOrCreateResponse,
            image_id=identity,
            result=_done(),
            metadata=message(api_pb2.ImageMetadata, image_builder_version=version, python_version_info="3.12"),
        )

    async def ImageJoinStreaming(self, _: Any) -> AsyncIterator[Any]:
        yield message(api_pb2.ImageJoinStreamingResponse, result=_done(), eof=True)

    async def SecretGetOrCreate(self, request: Any) -> Any:
        return message(api_pb2.SecretGetOrCreateResponse, secret_id=self._identity("st", request, self.secrets))

    async def VolumeGetOrCreate(self, request: Any) -> Any:
        identity = self._identity("vo", request, self.volumes)
        return message(
            api_pb2.VolumeGetOrCreateResponse, volume_id=identity, version=request.version or 1, metadata=self._volume_metadata(identity)
        )

    async def VolumeReload(self, _: Any) -> Any:
        return Empty()

    async def SharedVolumeGetOrCreate(self, _: Any) -> Any:
        return api_pb2.SharedVolumeGetOrCreateResponse(shared_volume_id=self._new("sv"))

    async def DictGetOrCreate(self, _: Any) -> Any:
        return message(api_pb2.DictGetOrCreateResponse, dict_id=self._new("di"))

    async def QueueGetOrCreate(self, _: Any) -> Any:
        return message(api_pb2.QueueGetOrCreateResponse, queue_id=self._new("qu"))

    async def ProxyGet(self, request: Any) -> Any:
        return api_pb2.ProxyGetResponse(proxy=message(api_pb2.Proxy, proxy_id=self._new("pr"), name=request.name))

    async def FunctionPrecreate(self, request: Any) -> Any:
        identity = request.existing_function_id or self._new("fu")
        early = api_pb2.Function(function_name=request.function_name, function_type=request.function_type)
        for name, method in request.method_definitions.items():
            early.method_definitions[name].CopyFrom(method)
        self._metadata[identity] = _function_metadata(early, identity)
        return message(api_pb2.FunctionPrecreateResponse, function_id=identity, handle_metadata=self._metadata[identity])

    async def FunctionCreate(self, request: Any) -> Any:
        identity = request.existing_function_id or self._new("fu")
        function, gpus = _as_a_worker_sees_it(request)
        self.functions[identity], self.gpus[identity] = function, gpus
        self.tags[function.function_name] = identity
        self._metadata[identity] = _function_metadata(function, identity)
        data = request.function_data if request.HasField("function_data") else None
        if data is None and hasattr(api_pb2, "FunctionData"):  # 1.6 refuses an answer without it
            data = api_pb2.FunctionData(ranked_functions=[api_pb2.FunctionData.RankedFunction(rank=0, function=function)])
        return message(
            api_pb2.FunctionCreateResponse,
            function_id=identity,
            function=function,
            handle_metadata=self._metadata[identity],
            function_data=data,
        )

    async def ClassCreate(self, request: Any) -> Any:
        identity = request.existing_class_id or self._new("cs")
        self._classes[identity] = request
        return message(api_pb2.ClassCreateResponse, class_id=identity, handle_metadata=message(api_pb2.ClassHandleMetadata))

    async def FunctionGet(self, request: Any) -> Any:
        raise GRPCError(
            Status.NOT_FOUND, f"{request.app_name}/{request.object_tag} is another app's function, and a rehearsal has no other app"
        )

    async def ClassGet(self, request: Any) -> Any:
        raise GRPCError(
            Status.NOT_FOUND, f"{request.app_name}/{request.object_tag} is another app's class, and a rehearsal has no other app"
        )

    def layout(self) -> api_pb2.AppLayout:
        """The app as its containers are told."""
        made = api_pb2.AppLayout()
        published = self._published
        for name, identity in (published.function_ids if published is not None else self.tags).items():
            made.function_ids[name] = identity
        for name, identity in (published.class_ids if published is not None else {}).items():
            made.class_ids[name] = identity
        for identity, metadata in self._metadata.items():
            made.objects.append(api_pb2.Object(object_id=identity, function_handle_metadata=metadata))
        for identity in self._classes:
            made.objects.append(api_pb2.Object(object_id=identity, class_handle_metadata=api_pb2.ClassHandleMetadata()))
        for identity in self.mounts:
            made.objects.append(api_pb2.Object(object_id=identity, mount_handle_metadata=_mount_metadata()))
        for identity in self.volumes:
            made.objects.append(message(api_pb2.Object, object_id=identity, volume_metadata=self._volume_metadata(identity)))
        for identity in itertools.chain(self.images, self.secrets):
            made.objects.append(api_pb2.Object(object_id=identity))
        return made

    def _identity(self, prefix: str, request: Any, kept: dict[str, Any]) -> str:
        """The same object for the same name."""
        key = (prefix, request.deployment_name)
        identity = self._named.get(key) if request.deployment_name else None
        if identity is None:
            identity = self._new(prefix)
            kept[identity] = request
            if request.deployment_name:
                self._named[key] = identity
        return identity

    def _volume_metadata(self, identity: str) -> Any:
        kind = getattr(api_pb2, "VolumeMetadata", None)
        return message(kind, version=1, name=self.volumes[identity].deployment_name) if kind is not None else None


def _done() -> api_pb2.GenericResult:
    return api_pb2.GenericResult(status=api_pb2.GenericResult.GENERIC_STATUS_SUCCESS)


def _mount_metadata() -> api_pb2.MountHandleMetadata:
    return message(api_pb2.MountHandleMetadata, content_checksum_sha256_hex="0" * 64)


def _as_a_worker_sees_it(request: Any) -> tuple[api_pb2.Function, tuple[str, ...]]:
    """The function with what the platform derives filled in, and the GPUs that it may run on.

    Which options switch the captures on is the platform's to decide; the client only sends `experimental_options` on.
    """
    function = api_pb2.Function()
    ranked = list(request.function_data.ranked_functions) if request.HasField("function_data") else []
    function.CopyFrom(ranked[0].function if ranked else request.function)
    function.is_checkpointing_function = function.checkpointing_enabled
    wanted = (
        str(dict(function.experimental_options).get("enable_gpu_snapshot", ""))
        if has_field(api_pb2.Function, "experimental_options")
        else ""
    )
    for name in ("_experimental_enable_gpu_snapshot", "enable_gpu_snapshot"):
        if wanted.lower() in ("1", "true") and has_field(api_pb2.Function, name):
            setattr(function, name, True)
    listed = [one.function.resources.gpu_config for one in ranked] or [function.resources.gpu_config]
    gpus = tuple(f"{gpu.gpu_type}:{gpu.count or 1}" for gpu in listed if gpu.gpu_type)
    return function, gpus


def _function_metadata(function: api_pb2.Function, identity: str) -> api_pb2.FunctionHandleMetadata:
    methods = {
        name: message(
            api_pb2.FunctionHandleMetadata,
            function_name=method.function_name,
            function_type=method.function_type,
            is_method=True,
            use_method_name=name,
            definition_id=f"de-{identity}",
            function_schema=getattr(method, "function_schema", None),
            web_url=NOWHERE if method.webhook_config.type else "",
            supported_input_formats=getattr(method, "supported_input_formats", None),
            supported_output_formats=getattr(method, "supported_output_formats", None),
        )
        for name, method in function.method_definitions.items()
    }
    return message(
        api_pb2.FunctionHandleMetadata,
        function_name=function.function_name,
        function_type=function.function_type,
        definition_id=f"de-{identity}",
        web_url=NOWHERE if function.webhook_config.type else "",
        method_handle_metadata=methods,
        class_parameter_info=getattr(function, "class_parameter_info", None),
        function_schema=getattr(function, "function_schema", None),
        max_object_size_bytes=LARGEST_OBJECT,
        max_async_object_size_bytes=LARGEST_OBJECT,
        app_id=APP,
    )
