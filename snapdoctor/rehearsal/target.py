"""What is rehearsed: `app.py::Model`, `app.py::Model.ask`, `app.py::add`; and the request that is sent to it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from modal_proto import api_pb2

if TYPE_CHECKING:
    from snapdoctor.rehearsal.control_plane import ControlPlane


class BadTarget(Exception):
    """Nothing of this name is deployed, or it is not clear what to call; the text lists what there is."""


class Target(NamedTuple):
    """One deployment, and what is called of it."""

    path: Path
    tag: str
    """As the client publishes it: `Model.*`, `add`."""
    method: str
    """The method of a class that is called; empty for functions and servers."""
    function: api_pb2.Function
    kind: str
    """`cls`, `function` or `server`."""

    @property
    def name(self) -> str:
        """The class or function."""
        return self.tag.removesuffix(".*")

    @property
    def is_web(self) -> bool:
        """Whether it is asked over HTTP."""
        definitions = self.function.method_definitions
        webhook = definitions[self.method].webhook_config if self.method in definitions else self.function.webhook_config
        return bool(webhook.type)

    @property
    def wants_gpu_snapshot(self) -> bool:
        """Whether GPU memory is to be captured."""
        return bool(getattr(self.function, "_experimental_enable_gpu_snapshot", False))


def split(text: str) -> tuple[Path, str]:
    """`app.py::Model.ask` as file and name; the name is empty where there is none."""
    path, _, name = text.partition("::")
    return Path(path), name


def chosen(plane: ControlPlane, path: Path, name: str, method: str, has_input: bool) -> Target:
    """What a name means among what was deployed; raises `BadTarget`.

    Without a method the only web endpoint or method is called, or with no input the only method that takes none.
    """
    tag, given = _tag(plane, name)
    function = api_pb2.Function()
    function.CopyFrom(plane.functions[plane.tags[tag]])
    if getattr(function, "is_server", False):
        return Target(path, tag, "", function, "server")
    if not tag.endswith(".*"):
        return Target(path, tag, "", function, "function")
    wanted = method or given
    known = sorted(function.method_definitions)
    if wanted and wanted not in known:
        raise BadTarget(f"{tag.removesuffix('.*')} has no method {wanted}; it has {', '.join(known) or 'none'}")
    return Target(path, tag, wanted or _only(function, tag.removesuffix(".*"), has_input), function, "cls")


def _tag(plane: ControlPlane, name: str) -> tuple[str, str]:
    """(tag, method) of `Model`, `Model.ask`, `add`, or of the only deployment."""
    listed = sorted(tag.removesuffix(".*") for tag in plane.tags)
    if not name:
        if len(listed) != 1:
            raise BadTarget(f"this file deploys {', '.join(listed) or 'nothing'}; say which: FILE::NAME")
        name = listed[0]
    for tag, method in ((name, ""), (f"{name}.*", ""), (f"{name.rpartition('.')[0]}.*", name.rpartition(".")[2])):
        if tag in plane.tags:
            return tag, method
    raise BadTarget(f"this file deploys nothing called {name}; it deploys {', '.join(listed) or 'nothing'}")


def _only(function: api_pb2.Function, name: str, has_input: bool) -> str:
    definitions = function.method_definitions
    candidates = sorted(definitions)
    if not candidates:
        return ""
    if len(candidates) == 1 and (has_input or definitions[candidates[0]].webhook_config.type or not _needs(definitions[candidates[0]])):
        return candidates[0]
    web = [one for one in candidates if definitions[one].webhook_config.type]
    free = [one for one in candidates if not definitions[one].webhook_config.type and not _needs(definitions[one])]
    for several in (web, free) if not has_input else ():
        if len(several) == 1:
            return several[0]
    raise BadTarget(
        f"{name} has {', '.join(candidates)}; say which to call with --method NAME, and with what by --input JSON "
        "(a list of arguments, or an object of keywords)"
    )


def _needs(definition: Any) -> list[str]:
    """Parameters without a default, as far as the client describes them."""
    schema = getattr(definition, "function_schema", None)
    return [argument.name for argument in schema.arguments if not argument.has_default] if schema is not None else []


def needs_input(target: Target) -> list[str]:
    """What a call of the target has to be given."""
    definition = target.function.method_definitions.get(target.method) if target.method else target.function
    return [] if definition is None or target.is_web else _needs(definition)


def requests(target: Target, given: str | None, path: str, count: int) -> list[api_pb2.FunctionGetInputsItem]:
    """The same request several times; raises `BadTarget` for input that is no JSON list or object, or that is missing."""
    if target.kind == "server" or (target.kind == "cls" and not target.method):
        return []
    if target.is_web:
        data = pickle.dumps(((_scope(path),), {}))
    else:
        missing = needs_input(target) if given is None else []
        if missing:
            raise BadTarget(f"{target.name} needs {', '.join(missing)}: give --input JSON, a list of arguments or an object of keywords")
        data = pickle.dumps(_arguments(given))
    made = []
    for number in range(count):
        call = api_pb2.FunctionInput(args=data, data_format=api_pb2.DATA_FORMAT_PICKLE, method_name=target.method)
        made.append(api_pb2.FunctionGetInputsItem(input_id=f"in-{number}", function_call_id=f"fc-{number}", input=call))
    return made


def _arguments(given: str | None) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if given is None:
        return (), {}
    try:
        value = json.loads(given)
    except ValueError as error:
        raise BadTarget(f"--input is not JSON: {error}") from error
    if isinstance(value, dict):
        return (), value
    if isinstance(value, list):
        return tuple(value), {}
    raise BadTarget("--input must be a JSON list of arguments or an object of keywords, such as '[\"a prompt\"]' or '{\"n\": 3}'")


def _scope(path: str) -> dict[str, Any]:
    route, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": route or "/",
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
    }


def parameters(target: Target, given: dict[str, str]) -> bytes:
    """Class parameters in the wire format of the class; raises `BadTarget` for names and values that it does not take."""
    if not given:
        return b""
    from modal._serialization import serialize_proto_params

    schema = {one.name: one for one in target.function.class_parameter_info.schema}
    unknown = sorted(set(given) - set(schema))
    if unknown:
        raise BadTarget(f"{target.name} has no parameter {unknown[0]}; it has {', '.join(sorted(schema)) or 'none'}")
    try:
        serialized: bytes = serialize_proto_params({name: _parameter(text) for name, text in given.items()})
    except Exception as error:
        raise BadTarget(f"--param: {error}") from error
    return serialized


def _parameter(text: str) -> object:
    """A value as JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
