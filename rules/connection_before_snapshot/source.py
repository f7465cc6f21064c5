"""Find connections and exporters that are opened before the capture and kept over it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.values import Made, Sequence, Spread, Value, sketch
from snapdoctor.finding import Confidence
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event

# Exporters that run a thread of their own which sends to the outside.
EXPORTERS = re.compile(
    r"opentelemetry\.sdk\..*\.(BatchSpanProcessor|BatchLogRecordProcessor|PeriodicExportingMetricReader)|sentry_sdk\.init"
    r"|datadog\.initialize|ddtrace\.(auto|patch_all|patch|tracer\.configure)|newrelic\.agent\.initialize|logfire\.configure|posthog\.Posthog"
    r"|langfuse\.Langfuse|elasticapm\.Client|rollbar\.init|bugsnag\.configure|uptrace\.configure_opentelemetry|pyroscope\.configure"
    r"|traceloop\.sdk\.Traceloop\.init|azure\.monitor\.opentelemetry\.configure_azure_monitor|google\.cloud\.logging\.Client\.setup_logging"
    r"|google\.cloud\.profiler\.start|googlecloudprofiler\.start|wandb\.init|neptune\.init(_run)?|comet_ml\.(Experiment|start)"
    r"|mlflow\.start_run|aim\.Run"
)
# Calls that connect at once, beside those the reader knows.
CONNECTS = re.compile(
    r"(MySQLdb|mariadb|oracledb|cx_Oracle|pyodbc|snowflake\.connector|aiomysql|aiopg|asyncssh|nats|redshift_connector|pymssql)\.connect"
    r"|psycopg2?\.(Async)?Connection\.connect|clickhouse_connect\.get_(async_)?client|pymongo\.(Async)?MongoClient"
    r"|cassandra\.cluster\.Cluster\.connect|kafka\.Kafka(Consumer|Producer)"
    r"|confluent_kafka\.(Consumer|Producer)|paho\.mqtt\.client\.Client\.connect|ftplib\.FTP(_TLS)?|imaplib\.IMAP4(_SSL)?"
    r"|smtplib\.SMTP(_SSL)?"
    r"|weaviate\.connect_to_\w+|aio_pika\.connect(_robust)?|websockets\.(sync\.client\.)?connect|aiohttp\.ClientSession\.ws_connect"
    r"|databases\.Database\.connect"
    r"|aiomysql\.create_pool|aiopg\.create_pool|psycopg_pool\.(Async)?ConnectionPool|psycopg2\.pool\.\w+ConnectionPool"
    r"|socketio\.(Async)?Client\.connect"
)
# Known to the reader as connecting, but local files, lazy channels, or one's own cluster.
NOT_OUTSIDE = re.compile(r"sqlite3\.|duckdb\.|grpc\.|ray\.init|prometheus_client\.")
# Lazy clients that hold a pool of connections from their first use on.
POOLED = re.compile(r"(redis(\.asyncio|\.cluster|\.sentinel)?\.\w+(\.from_url)?|sqlalchemy\.(ext\.asyncio\.)?create(_async)?_engine)$")
HEALING = ("health_check_interval", "retry", "retry_on_error", "pool_pre_ping", "poolclass")
ENDINGS = frozenset("close aclose closeall close_all disconnect dispose shutdown terminate quit stop finish reset reconnect".split())  # noqa: SIM905
RENEWALS = ENDINGS | {"connect", "flush", "force_flush", "init", "initialize", "configure", "set_tracer_provider", "set_meter_provider"}
RENEWING = re.compile(
    r"connect|init|configur|setup|set_up|open|creat|reset|restor|refresh|renew|dispos|telemetry|pool|client|session", re.IGNORECASE
)
LOCAL = re.compile(r"(^|[@/=\s])(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)($|[:/,\s])|unix:|/var/run/|/tmp/")


def check(deployment: Deployment) -> Iterator[Hazard]:
    """What is connected or exporting when the snapshot is taken, and not renewed after it."""
    if deployment.snapshot not in ("cpu", "gpu"):
        return
    confidence = Confidence.LIKELY if deployment.snapshot_likely else Confidence.CERTAIN
    for event in deployment.during(model.IMPORT, model.BEFORE):
        if event.conditional or event.handler:
            continue
        if EXPORTERS.fullmatch(event.name):
            message, remedy = _exporter(deployment, event), f"Start it after the restore: {_later_place(deployment)}"
        elif _stays_connected(deployment, event):
            message, remedy = _connection(deployment, event), _connection_help(deployment)
        else:
            continue
        if _is_renewed(deployment, event):
            continue
        related = ((event.site, f"{_called(event)} is called here"),) if event.via is not None else ()
        yield Hazard(event.via or event.site, message, remedy, confidence=confidence, related=related)


def _exporter(deployment: Deployment, event: Event) -> str:
    return (
        f"{_called(event)} starts an exporter {_when(event)}, before the snapshot of {deployment.name}: every restored container wakes "
        "up with its dead connection, its overdue timers and the identity of the container that was captured."
    )


def _connection(deployment: Deployment, event: Event) -> str:
    return (
        f"{_called(event)} connects {_when(event)}, before the snapshot of {deployment.name}, and is kept as {_kept(event)}: the other side "
        "is gone after a restore, so in every restored container its first use fails, or hangs until it connects again."
    )


def _connection_help(deployment: Deployment) -> str:
    return f"Connect after the restore: {_later_place(deployment)}. A client that only connects at its first request may stay where it is."


def _later_place(deployment: Deployment) -> str:
    if deployment.kind == "function":
        return "inside the function, or at the first request."
    return "in a method with @modal.enter(snap=False), or at the first request."


def _when(event: Event) -> str:
    return "at import" if event.phase == model.IMPORT else f"in {event.hook}()"


def _called(event: Event) -> str:
    """What the user wrote: `BatchSpanProcessor()`, `psycopg2.connect()`, `self.redis.ping()`."""
    parts = event.name.split(".")
    owner = _pool(event)
    if owner is not None:
        return f"{owner.kept}.{parts[-1]}()"
    return f"{parts[-1] if parts[-1][:1].isupper() and len(parts) > 2 else '.'.join(parts[-2:])}()"


def _stays_connected(deployment: Deployment, event: Event) -> bool:
    if NOT_OUTSIDE.match(event.name) or _is_local(event):
        return False
    if event.kind == model.CONNECT or CONNECTS.fullmatch(event.name):
        lasting = event.purpose != "with" or _pool(event) is not None
        return lasting and _kept(event) is not None and not _pool_heals(event)
    return event.kind == model.CALL and _pool(event) is not None and _kept(event) is not None and not _pool_heals(event)


def _kept(event: Event) -> str | None:
    """The name under which the connection, or the client that owns it, outlives the hook."""
    if event.kept is not None:
        return event.kept
    owner = _pool(event)
    return owner.kept if owner is not None else None


def _pool(event: Event) -> Event | None:
    """The pooled client on which a method was called."""
    holder = event.subject
    while isinstance(holder, Made):
        if holder.event is not None and holder.event.kind == model.CLIENT:
            return holder.event if POOLED.match(holder.event.name) and holder.event is not event else None
        holder = holder.base
    return None


def _pool_heals(event: Event) -> bool:
    owner = _pool(event) or event
    return owner.arguments.open or any(owner.arguments.get(keyword) is not None for keyword in HEALING)


def _is_local(event: Event) -> bool:
    """To this container; a client that is told nothing takes a local default, or what cannot be seen."""
    client = _pool(event) or event
    given = client.arguments.positional or client.arguments.keywords or client.arguments.open
    return not given or any(LOCAL.search(text) for text in _strings(client))


def _strings(event: Event) -> Iterator[str]:
    given: tuple[Value, ...] = (*event.arguments.positional, *event.arguments.keywords.values())
    for value in given:
        items = value.items if isinstance(value, Sequence) else (value,)
        for item in items:
            found = None if isinstance(item, Spread) else sketch(item)
            if found is not None:
                yield found


def _is_renewed(deployment: Deployment, event: Event) -> bool:
    """Closed before the capture, closed or opened again after it, or after it something unreadable that may do so."""
    made = event.made
    owner = _pool(event)
    mine = [value for value in (made, owner.made if owner is not None else None) if value is not None]
    library = event.name.partition(".")[0]
    for other in deployment.during(model.IMPORT, model.BEFORE, model.AFTER):
        last = other.name.rpartition(".")[2]
        if last in ENDINGS and any(_belongs(other.subject, value) for value in mine):
            return True
        if other.phase != model.AFTER:
            continue
        if other.kind == model.OPAQUE and RENEWING.search(other.name):
            return True
        same = other.name.partition(".")[0] == library
        if same and (other.kind in (model.CONNECT, model.CLIENT, model.THREAD) or other.name == event.name or last in RENEWALS):
            return True
    return False


def _belongs(subject: Value | None, made: Value) -> bool:
    while isinstance(subject, Made):
        if subject is made:
            return True
        subject = subject.base
    return False
