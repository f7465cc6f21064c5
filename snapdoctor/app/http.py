"""HTTP requests, whatever library sends them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.model import HttpRequest
from snapdoctor.app.values import UNKNOWN, Arguments, Made, Value, as_it_stands, constant, sketch, text

if TYPE_CHECKING:
    from snapdoctor.app.machine import Machine
    from snapdoctor.app.model import Site

VERBS = ("get", "post", "put", "delete", "patch", "head", "options", "request", "stream")
SENDERS = ("requests", "httpx")
CLIENTS = ("requests.Session", "requests.session", "httpx.Client", "httpx.AsyncClient", "aiohttp.ClientSession")
HERE = ("127.0.0.1", "localhost", "0.0.0.0", "::1", "[::1]")
ADDRESS = re.compile(
    r"^(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[^\]]*\]|[^/:?]*)(?::(?P<port>[^/?]*))?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
OPENAI = {
    "chat.completions.create": "/v1/chat/completions", "completions.create": "/v1/completions", "embeddings.create": "/v1/embeddings",
    "models.list": "/v1/models", "responses.create": "/v1/responses", "audio.speech.create": "/v1/audio/speech",
}  # fmt: skip


def call(machine: Machine, name: str, callee: Made | None, arguments: Arguments, site: Site) -> Value | None:
    """A call that sends a request or opens a socket; None when it does neither."""
    head, _, verb = name.rpartition(".")
    if name in ("urllib.request.urlopen", "urlopen"):
        return _record(machine, name, _opened(arguments), arguments, site)
    if verb in VERBS and (head in SENDERS or head in CLIENTS):
        return _record(machine, name, _request(verb, arguments, callee), arguments, site)
    if callee is not None and head.startswith(("openai.OpenAI", "openai.AsyncOpenAI")):
        return _openai(machine, name, callee, arguments, site)
    if name.startswith("http.client.HTTP") and verb == "request":
        return _record(machine, name, _low_level(arguments, callee), arguments, site)
    if name == "socket.create_connection" or name in ("socket.socket.connect", "socket.socket.connect_ex", "asyncio.open_connection"):
        return _socket(machine, name, arguments, site)
    return None


def _record(machine: Machine, name: str, request: HttpRequest, arguments: Arguments, site: Site) -> Value:
    from snapdoctor import engines

    event = machine.record(model.HTTP, name, site)
    event.arguments = arguments
    event.request = request
    if request.local is not False and request.path is not None:
        event.purpose = engines.http_purpose(request.path)
    event.made = Made(name, arguments, site, event=event)
    return event.made


def _request(verb: str, arguments: Arguments, callee: Made | None) -> HttpRequest:
    place = 0
    method: str | None = verb.upper()
    if verb in ("request", "stream"):
        named = text(arguments.get("method", 0))
        method, place = (named.upper() if named else None), 1
    url = _whole(sketch(arguments.get("url", place)), callee)
    body = arguments.get("json") or arguments.get("data") or arguments.get("content")
    return _made(method, url, arguments.get("headers"), body, arguments.get("timeout"))


def _whole(url: str | None, callee: Made | None) -> str | None:
    """A path completed by the client's `base_url`."""
    if url is None or "://" in url or url.startswith("\0"):
        return url
    client = callee.base if callee is not None else None
    if isinstance(client, Made):
        base = sketch(client.arguments.get("base_url", 0))
        if base is not None:
            return base.rstrip("/") + "/" + url.lstrip("/")
    return url


def _opened(arguments: Arguments) -> HttpRequest:
    target = arguments.get("url", 0)
    timeout = arguments.get("timeout", 2)
    if isinstance(target, Made) and target.name == "urllib.request.Request":
        given = target.arguments
        body = given.get("data", 1)
        named = text(given.get("method"))
        method = named.upper() if named else ("POST" if body is not None and body is not UNKNOWN else "GET")
        return _made(method, sketch(given.get("url", 0)), given.get("headers", 2), body, timeout)
    body = arguments.get("data", 1)
    return _made("POST" if body is not None else "GET", sketch(target), None, body, timeout)


def _low_level(arguments: Arguments, callee: Made | None) -> HttpRequest:
    host, port = None, None
    client = callee.base if callee is not None else None
    if isinstance(client, Made):
        host = sketch(client.arguments.get("host", 0))
        port = constant(client.arguments.get("port", 1))
    path = sketch(arguments.get("url", 1))
    url = f"http://{host}:{port}{path}" if host is not None and path is not None else path
    method = text(arguments.get("method", 0))
    return _made(method, url, arguments.get("headers", 3), arguments.get("body", 2), None)


def _openai(machine: Machine, name: str, callee: Made, arguments: Arguments, site: Site) -> Value | None:
    tail = re.sub(r"^openai\.(Async)?OpenAI\.", "", name)
    path = OPENAI.get(tail)
    if path is None:
        return None
    client: Value | None = callee
    while isinstance(client, Made) and client.name not in ("openai.OpenAI", "openai.AsyncOpenAI"):
        client = client.base
    base = sketch(client.arguments.get("base_url")) if isinstance(client, Made) else None
    url = f"{base.rstrip('/').removesuffix('/v1')}{path}" if base is not None else f"https://api.openai.com{path}"
    if base is None and isinstance(client, Made) and client.arguments.get("base_url") is not None:
        url = f"\0{path}"
    return _record(machine, name, _made("POST", url, None, arguments.get("messages") or arguments.get("input"), None), arguments, site)


def _made(method: str | None, url: str | None, headers: Value | None, body: Value | None, timeout: Value | None) -> HttpRequest:
    if url is None:
        return HttpRequest(method, None, None, None, "", None, headers, body, timeout)
    host, port, path, query = split_url(url)
    local = None if host is None else host in HERE
    return HttpRequest(method, url, local, path, query, port, as_it_stands(headers), as_it_stands(body), timeout)


def split_url(url: str) -> tuple[str | None, int | None, str | None, str]:
    """Host, port, path and query of a URL in which `\\0` stands for unknown pieces."""
    if url.startswith("\0"):
        rest = url.lstrip("\0")
        path = rest[rest.index("/") :] if "/" in rest else ("/" if not rest else None)
        bare, _, query = (path or "").partition("?")
        return None, None, bare if path is not None else None, query
    if url.startswith("/"):
        bare, _, query = url.partition("?")
        return None, None, bare, query
    match = ADDRESS.match(url)
    if match is None:
        return None, None, None, ""
    host = match["host"]
    port = match["port"]
    path = match["path"] or "/"
    return (host if "\0" not in host else None), (int(port) if port and port.isdigit() else None), path, match["query"] or ""


def _socket(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value:
    from snapdoctor.app.values import Sequence, Spread

    address = arguments.get("address", 0)
    host = constant(address)
    if isinstance(address, Sequence) and address.items and not isinstance(address.items[0], Spread):
        host = constant(address.items[0])
    near = host in HERE or host == ""
    event = machine.record(model.WAIT if near or not isinstance(host, str) else model.CONNECT, name, site)
    event.purpose = model.PORT if event.kind == model.WAIT else None
    event.arguments = arguments
    event.made = Made(name, arguments, site, event=event)
    return event.made
