"""Find certificate checks that are switched off in a deployment's life or in its image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.recipe import commands
from snapdoctor.app.values import Made, Mapping, Reference, Sequence, Spread, Value, constant, sketch
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Site

CLIENTS = frozenset(
    """
    requests httpx aiohttp urllib3 boto3 botocore urllib openai anthropic websocket websockets elasticsearch opensearchpy redis pymongo
    """.split()  # noqa: SIM905
)
SWITCHES = ("verify", "verify_ssl", "ssl_verify", "verify_certs", "cert_reqs", "ssl_cert_reqs", "tlsAllowInvalidCertificates")
UNVERIFIED = ("ssl._create_unverified_context", "ssl._create_stdlib_context")
# Variables that switch the checks off, and the value that does.
VARIABLES = {
    "PYTHONHTTPSVERIFY": re.compile(r"0"),
    "GIT_SSL_NO_VERIFY": re.compile(r"1|true|yes|on", re.IGNORECASE),
    "NODE_TLS_REJECT_UNAUTHORIZED": re.compile(r"0"),
    "CURL_CA_BUNDLE": re.compile(r""),
    "REQUESTS_CA_BUNDLE": re.compile(r""),
    "PIP_TRUSTED_HOST": re.compile(r".+"),
    "UV_INSECURE_HOST": re.compile(r".+"),
}
IN_COMMAND = re.compile(
    r"\bcurl\b[^;&|]*?\s(?P<curl>-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?=\s|$)|\bwget\b[^;&|]*?--no-check-certificate"
    r"|--trusted-host[ =](?P<host>\S+)|http\.sslverify[= ](?:false|0)|GIT_SSL_NO_VERIFY=(?:1|true)|PYTHONHTTPSVERIFY=0"
    r"|NODE_TLS_REJECT_UNAUTHORIZED=0|strict-ssl[= ]false|--allow-insecure-host\b|apt-get[^;&|]*Verify-Peer=false",
    re.IGNORECASE,
)
NEAR = re.compile(r"(^|[/@\s])(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])($|[:/\s'\"])")
HELP = (
    "Leave the check on; for a certificate authority of your own, name its file instead. A helper for a local machine belongs in the "
    "local_entrypoint."
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Calls, variables and image steps without certificate checks, requests to this container left out."""
    for event in deployment.events:
        what = _in_call(event) if event.kind not in (model.ENVIRONMENT, model.PROCESS) else _in_setting(event)
        if what is not None and not _is_near(deployment, event):
            yield Hazard(event.site, _message(deployment, what), HELP)
    for site, what in (*_in_image(deployment), *_in_options(deployment)):
        yield Hazard(site, _message(deployment, what), HELP)


def _message(deployment: Deployment, what: str) -> str:
    return f"{what}: anyone between {deployment.name} and the other side can read and change what is sent, tokens and weights included."


def _in_call(event: Event) -> str | None:
    if event.name in UNVERIFIED:
        return f"{event.name}() makes a context that checks no certificate"
    if event.name == "ssl._create_default_https_context=":
        return "Certificate checks are switched off for every HTTPS request of this Python"
    last = event.name.rpartition(".")[2]
    given = event.arguments.positional[0] if event.arguments.positional else None
    if last == "verify_mode=" and _is_off(given):
        return "verify_mode = CERT_NONE accepts any certificate"
    if last == "verify=" and event.name.partition(".")[0] in CLIENTS and _is_off(given):
        return f"{event.name[:-8]} is told not to check certificates"
    if event.name.partition(".")[0] not in CLIENTS:
        return None
    for switch in (*SWITCHES, "ssl") if event.name.startswith("aiohttp.") else SWITCHES:
        value = event.arguments.keywords.get(switch)
        if value is not None and (constant(value) is True if switch == "tlsAllowInvalidCertificates" else _is_off(value)):
            return f"{switch}={_written(value)} switches off the certificate check of {'.'.join(event.name.split('.')[-2:])}()"
    return None


def _written(value: Value) -> str:
    if isinstance(value, Reference):
        return value.name
    return repr(constant(value)) if not isinstance(value, Made) else "..."


def _is_off(value: Value | None) -> bool:
    if isinstance(value, Reference):
        return value.name == "ssl.CERT_NONE"
    known = constant(value)
    return known is False or known in ("CERT_NONE", "none")


def _in_setting(event: Event) -> str | None:
    if event.kind == model.ENVIRONMENT:
        if event.purpose != "set" or not event.arguments.positional:
            return None
        return _variable(event.name, event.arguments.positional[0])
    launch = event.launch
    if launch is None:
        return None
    words = [None if isinstance(item, Spread) else sketch(item) for item in launch.argv]
    return _command(" ".join(word for word in words if word is not None))


def _variable(name: str, value: Value) -> str | None:
    pattern, known = VARIABLES.get(name), constant(value)
    if pattern is None or not isinstance(known, str) or pattern.fullmatch(known) is None:
        return None
    return f'{name}="{known}" switches certificate checks off'


def _command(command: str) -> str | None:
    match = IN_COMMAND.search(command)
    if match is None or NEAR.search(command) or (match["host"] is not None and NEAR.search(match["host"])):
        return None
    told = match["curl"] or ("--trusted-host" if match["host"] is not None else match[0].split()[-1])
    return f"{told} switches certificate checks off"


def _in_image(deployment: Deployment) -> Iterator[tuple[Site, str]]:
    for command, site in commands(deployment.image):
        what = _command(command)
        if what is not None:
            yield site, what
    for step in deployment.image.steps:
        if step.method == "env":
            yield from _in_mapping(step.arguments.get("vars", 0), step.site)
        elif step.method in ("pip_install", "uv_pip_install"):
            what = _command(sketch(step.arguments.get("extra_options")) or "")
            if what is not None:
                yield step.arguments.site("extra_options") or step.site, what


def _in_options(deployment: Deployment) -> Iterator[tuple[Site, str]]:
    own = deployment.option("env")
    if own.raw is not None:
        yield from _in_mapping(own.raw, own.site or deployment.site)


def _in_mapping(value: Value | None, site: Site) -> Iterator[tuple[Site, str]]:
    if not isinstance(value, Mapping):
        return
    for key, entry in value.entries.items():
        what = _variable(str(key), entry)
        if what is not None:
            yield value.sites.get(key, site), what


def _is_near(deployment: Deployment, event: Event) -> bool:
    """Whether it only concerns this container: a request to itself, or a client that is used for nothing else."""
    if event.request is not None:
        return event.request.local is True
    if any(NEAR.search(text) for text in _texts(event)):
        return True
    requests = [other.request for other in deployment.events if other.request is not None and _uses(other, event)]
    return bool(requests) and all(request.local is True for request in requests)


def _texts(event: Event) -> Iterator[str]:
    for value in (*event.arguments.positional, *event.arguments.keywords.values()):
        for item in value.items if isinstance(value, Sequence) else (value,):
            found = None if isinstance(item, Spread) else sketch(item)
            if found is not None:
                yield found


def _uses(request: Event, event: Event) -> bool:
    """Whether the request is sent through the client, or with the context, that the event made."""
    if event.made is None:
        return False
    candidates: list[Value | None] = [request.subject, *request.arguments.positional, *request.arguments.keywords.values()]
    return any(_comes_from(candidate, event.made) for candidate in candidates)


def _comes_from(value: Value | None, made: Value) -> bool:
    while isinstance(value, Made):
        if value is made:
            return True
        value = value.base
    return False
