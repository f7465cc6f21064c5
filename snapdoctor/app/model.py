"""The model of a Modal app that rules read: deployments, their options, image and timeline.

Plain data. Rules never parse Python and never touch a tree node except to say where a finding is (`Site`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from snapdoctor.app.values import (
    ABSENT,
    NO_ARGUMENTS,
    UNKNOWN,
    Arguments,
    Unknown,
    Value,
    constant,
    is_likely,
    options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from snapdoctor.app.module import SourceModule
    from snapdoctor.engines.engine import Launch, Load
    from snapdoctor.engines.version import Installed, Version

# Phases, in the order Modal runs them (facts: modal client 1.6.4, _runtime/user_code_imports.py).
BUILD = "build"
IMPORT = "import"
BEFORE = "before_snapshot"
AFTER = "after_snapshot"
REQUEST = "request"
EXIT = "exit"
PHASES = (BUILD, IMPORT, BEFORE, AFTER, REQUEST, EXIT)

# Kinds of event.
LOAD = "load"  # a model is loaded in process; `load` is set
PROCESS = "process"  # a child process is started; `launch` is set
FORK = "fork"  # os.fork, multiprocessing, DataLoader workers, process pools
WAIT = "wait"  # waiting: time.sleep, process.wait, socket connect loops; see `purpose`
HTTP = "http"  # an HTTP request; `request` is set, `purpose` says what for when it goes to a local engine
INFERENCE = "inference"  # a loaded model is called in process
CONTROL = "control"  # in-process sleep, wake, release, resume of an engine; see `purpose`
CONNECT = "connect"  # a connection to the outside is opened (not a lazy client's construction)
CLIENT = "client"  # a client or session object is constructed (lazy; no connection yet)
THREAD = "thread"  # a thread or background exporter is started
RANDOM = "random"  # a userland generator is seeded or drawn from
CLOCK = "clock"  # the clock is read
ENVIRONMENT = "environment"  # an environment variable is read or set; `name` is the variable, `purpose` read or set
CUDA = "cuda"  # the CUDA runtime is touched, or asked whether it is there
MOVE = "move"  # a loaded model or tensor is moved to a device; `device` says where
VOLUME = "volume"  # commit, reload, or a file written under a Volume mount
FILE = "file"  # a file is opened and maybe kept
IMPORTED = "imported"  # a library module is imported; `name` is the module
COMPILE = "compile"  # torch.compile and the like
OPAQUE = "opaque"  # a call into code that cannot be read; may do anything its name suggests
CALL = "call"  # any other library call

# Purposes of HTTP, CONTROL and WAIT events.
HEALTH = "health"
WARMUP = "warm-up"
SLEEP = "sleep"
WAKE = "wake"
RELEASE = "release"
RESUME = "resume"
PORT = "port"  # waits until a TCP port accepts connections
PAUSE = "pause"  # time.sleep
JOIN = "join"  # waits for a process to end
LOG = "log"  # reads a child's output


class Site(NamedTuple):
    """A place in the source: a tree node of a module. Its line and column are worked out only for findings."""

    module: SourceModule
    node: cst.CSTNode


class Setting(NamedTuple):
    """One option of a deployment as far as it is known."""

    value: Any
    """The Python constant, or `UNKNOWN`."""
    given: bool | None
    """True: written; False: surely not given; None: an unknown `**options` may give it."""
    likely: bool
    """The value rests on an assumption."""
    site: Site | None
    raw: Value | None
    """The abstract value, for options that are no constants (volumes, secrets, image)."""

    @property
    def known(self) -> bool:
        """Whether it is surely absent or its constant value is known."""
        return self.given is False or not isinstance(self.value, Unknown)

    def is_true(self) -> bool:
        """Surely (or likely, see `likely`) a true constant."""
        return self.given is True and not isinstance(self.value, Unknown) and bool(self.value)

    def is_false(self) -> bool:
        """Surely absent, or a false constant."""
        return self.given is False or (self.given is True and not isinstance(self.value, Unknown) and not self.value)


class Gpu(NamedTuple):
    """What `gpu=` asks for."""

    types: tuple[str, ...]
    """Upper case, without count: `H100`, `L40S`; a list asks for the first that is free. `!` is kept (`H100!`)."""
    count: int | None  # type: ignore[assignment]
    """GPUs per container; None when unknown. The largest, if the list's entries differ."""
    site: Site | None
    likely: bool = False


class ImageStep(NamedTuple):
    """One builder call, in build order: `from_registry`, `apt_install`, `pip_install`, `env`, `run_commands`, ..."""

    method: str
    arguments: Arguments
    site: Site
    conditional: bool = False
    """In one branch only."""
    events: tuple[Event, ...] | None = ()
    """What the function of `run_function` does; None where it cannot be read."""


class Image(NamedTuple):
    """An image recipe, read from its builder chain (or its Dockerfile)."""

    steps: tuple[ImageStep, ...]
    complete: bool
    """False when part of the recipe is unknown (an imported image, an unreadable Dockerfile, an unknown helper)."""

    @property
    def base(self) -> ImageStep | None:
        """The step that names the base image, if it is known."""
        for step in self.steps:
            if step.method in (
                "debian_slim",
                "from_registry",
                "from_dockerfile",
                "micromamba",
                "from_aws_ecr",
                "from_gcp_artifact_registry",
                "from_scratch",
            ):
                return step
        return None

    def find(self, *methods: str) -> Iterator[ImageStep]:
        """The steps made by these builder methods, in order."""
        return (step for step in self.steps if step.method in methods)

    @property
    def tag(self) -> str | None:
        """The registry tag of the base image, `python:3.12-slim` style, if known (also from a Dockerfile's FROM)."""
        from snapdoctor.app.image import base_tag

        return base_tag(self)

    def packages(self) -> tuple[tuple[str, str], ...]:
        """Python packages the recipe installs, as (normalised name, specifier) such as `("vllm", "==0.15.1")`; specifier may be empty."""
        from snapdoctor.app.image import python_packages

        return python_packages(self)

    def version(self, package: str) -> Version | None:
        """The pinned version of a Python package, or None."""
        from snapdoctor.app.image import pinned_version

        return pinned_version(self, package)

    def apt(self) -> frozenset[str]:
        """Debian packages the recipe installs (apt_install, and apt-get in run_commands or a Dockerfile)."""
        from snapdoctor.app.image import apt_packages

        return apt_packages(self)

    def commands(self) -> tuple[tuple[str, Site], ...]:
        """Shell commands the recipe runs; unknown pieces are `\\0`."""
        from snapdoctor.app.image import shell_commands

        return shell_commands(self)

    def environment(self, name: str) -> Setting:
        """A variable set by `.env(...)` (or a Dockerfile's ENV)."""
        from snapdoctor.app.image import environment

        return environment(self, name)


class HttpRequest(NamedTuple):
    """An HTTP request as far as it is known."""

    method: str | None
    """GET, POST, ... in upper case."""
    url: str | None
    """The whole URL; unknown pieces are `\\0`."""
    local: bool | None
    """True: to this container (127.0.0.1, localhost, 0.0.0.0); False: elsewhere; None: unknown host."""
    path: str | None
    """`/v1/chat/completions`, without query; None when unknown."""
    query: str
    port: int | None
    headers: Value | None
    body: Value | None
    timeout: Value | None


class Guard(NamedTuple):
    """A surrounding `try` whose handler may hide a failure."""

    site: Site
    broad: bool
    """A bare `except`, `except Exception` or `BaseException`, or `contextlib.suppress` of one."""
    reraises: bool
    """Some handler path raises again (or exits)."""


class Event:
    """Something a deployment does that matters to a snapshot, placed in a phase. Do not mutate."""

    __slots__ = (
        "arguments", "conditional", "device", "guard", "handler", "hook", "kept", "kind", "launch", "load", "loop", "made",
        "name", "phase", "purpose", "request", "site", "subject", "used_after", "via",
    )  # fmt: skip

    def __init__(self, kind: str, phase: str, site: Site, name: str) -> None:
        self.kind = kind
        self.phase = phase
        self.site = site
        self.name = name
        """What was called or read: a dotted name (`subprocess.Popen`, `torch.cuda.is_available`), module or variable."""
        self.arguments: Arguments = NO_ARGUMENTS
        self.subject: Value | None = None
        """For a method call: the object it is called on (`Made` of the load, usually)."""
        self.hook: str = ""
        """The hook, endpoint or method it happens in (`load`), or `<module>`."""
        self.conditional = False
        """Inside a branch whose condition could not be decided, or after one that may have returned."""
        self.loop = False
        """Inside a loop."""
        self.handler = False
        """Inside an `except` handler."""
        self.guard: Guard | None = None
        """The nearest surrounding `try` with handlers."""
        self.purpose: str | None = None
        self.device: str | None = None
        """`cpu`, `cuda`, `auto` (chosen by availability) or None for unknown or not said."""
        self.launch: Launch | None = None
        self.load: Load | None = None
        self.request: HttpRequest | None = None
        self.made: Value | None = None
        """What the call returned, to recognise it again (identity of `Made`)."""
        self.kept: str | None = None
        """Name of the attribute or global its result is stored under (`self.deadline`), if it outlives the hook."""
        self.used_after = False
        """What was kept is read after the snapshot."""
        self.via: Site | None = None
        """The call in the hook's own body (at import: in the module's) that leads to it through the user's functions; None: it stands there itself."""

    def __repr__(self) -> str:
        extra = f" {self.purpose}" if self.purpose else ""
        return f"<{self.phase} {self.kind} {self.name}{extra}{' ?' if self.conditional else ''}>"


class Hook(NamedTuple):
    """A lifecycle method or endpoint, in the order Modal runs it."""

    name: str
    kind: str
    """`enter`, `exit`, `method`, `web_server`, `asgi_app`, `wsgi_app`, `fastapi_endpoint`, `body`."""
    phase: str
    snap: bool | None
    """For `enter`: whether it runs before the snapshot; None when unknown."""
    site: Site
    """The decorator (or the definition, where there is none)."""
    arguments: Arguments
    inherited: bool = False


class Deployment:
    """One `@app.cls`, `@app.function` or `@app.server` unit."""

    __slots__ = (
        "app",
        "app_site",
        "definition",
        "events",
        "gpu",
        "hooks",
        "image",
        "kind",
        "module",
        "name",
        "options",
        "resolved",
        "site",
    )

    def __init__(self, *, name: str, kind: str, app: App, module: SourceModule, site: Site, definition: Site) -> None:
        self.name = name
        self.kind = kind
        """`cls`, `function`, `server`; `mixin` for a class with snapshot hooks that is deployed where it is inherited."""
        self.app = app
        self.module = module
        self.site = site
        """The decorator call."""
        self.definition = definition
        """The `class` or `def`."""
        self.app_site: Site | None = None
        self.options: Arguments = NO_ARGUMENTS
        self.gpu: Gpu | Unknown | None = None
        """None: surely no GPU."""
        self.image: Image = Image((), complete=False)
        self.hooks: tuple[Hook, ...] = ()
        self.events: tuple[Event, ...] = ()
        """In timeline order, from `import` on (what the module does at import is every deployment's)."""
        self.resolved = True
        """False when part of the life could not be followed (an unknown base class, a budget spent)."""

    def option(self, name: str) -> Setting:
        """A decorator option such as `scaledown_window`."""
        return setting_of(self.options, name, self.site)

    def during(self, *phases: str) -> Iterator[Event]:
        """Events of these phases, in order."""
        return (event for event in self.events if event.phase in phases)

    def find(self, *kinds: str, phases: tuple[str, ...] = PHASES) -> Iterator[Event]:
        """Events of these kinds, in order."""
        return (event for event in self.events if event.kind in kinds and event.phase in phases)

    @property
    def memory_snapshot(self) -> Setting:
        """The option `enable_memory_snapshot`."""
        return self.option("enable_memory_snapshot")

    @property
    def gpu_snapshot(self) -> Setting:
        """The key `enable_gpu_snapshot` of `experimental_options`; `value` may be True, "True", "1", ... as written."""
        return setting_in(self.option("experimental_options"), "enable_gpu_snapshot")

    @property
    def snapshot(self) -> str | None:
        """`none`, `cpu` or `gpu`: what is captured by the options alone; None when it cannot be known."""
        if self.kind == "mixin":
            return "gpu"
        memory = self.memory_snapshot
        if memory.is_false():
            return "none"
        if not memory.is_true():
            return None
        gpu = self.gpu_snapshot
        if gpu.is_true() and str(gpu.value).lower() not in ("false", "0", ""):
            return "gpu" if self.gpu is not None else "cpu"
        return "cpu" if gpu.known else None

    @property
    def snapshot_likely(self) -> bool:
        """Whether `snapshot` rests on an assumption, such as an environment default."""
        return self.kind == "mixin" or self.memory_snapshot.likely or self.gpu_snapshot.likely

    @property
    def serves(self) -> bool:
        """Whether it answers requests: has methods or web endpoints and no schedule."""
        if self.option("schedule").given is True:
            return False
        return (
            any(hook.kind in ("method", "web_server", "asgi_app", "wsgi_app", "fastapi_endpoint") for hook in self.hooks)
            or self.kind == "server"
        )

    @property
    def web(self) -> tuple[Hook, ...]:
        """Its web endpoints."""
        return tuple(hook for hook in self.hooks if hook.kind in ("web_server", "asgi_app", "wsgi_app", "fastapi_endpoint"))

    def volumes(self) -> dict[str, Value] | None:
        """Mount path to Volume; None when unknown."""
        from snapdoctor.app.options import volumes_of

        return volumes_of(self)

    def environment(self, name: str, event: Event | None = None) -> Setting:
        """A variable as the container's processes see it: decorator `env=`, image, `os.environ` set earlier; a launch's own `env=` first."""
        from snapdoctor.app.options import environment_of

        return environment_of(self, name, event)

    def version(self, package: str) -> Version | None:
        """The pinned version of a Python package in its image, or None."""
        return self.image.version(package)

    def installed(self, engine: str) -> Installed:
        """Which version of an engine its image brings."""
        from snapdoctor.app.versions import installed

        return installed(self.image, engine)

    def __repr__(self) -> str:
        return f"<Deployment {self.kind} {self.name}>"


class App:
    """What one source file says: its deployments, and every use of Modal's own names in it."""

    __slots__ = ("deployments", "module", "uses")

    def __init__(self, module: SourceModule) -> None:
        self.module = module
        self.deployments: list[Deployment] = []
        self.uses: list[tuple[str, Arguments, Site]] = []
        """(dotted name, arguments, site) of every call or attribute of `modal` evaluated: `modal.Stub`, `modal.Image.copy_local_dir`."""


def setting_of(arguments: Arguments, name: str, fallback: Site | None = None) -> Setting:
    """One keyword as a `Setting`."""
    value = arguments.get(name)
    if value is None:
        return Setting(None, False, False, None, None)
    if value is UNKNOWN and name not in arguments.keywords:
        return Setting(UNKNOWN, None, False, None, None)
    site = arguments.site(name) or fallback
    return _setting(value, site)


def setting_in(outer: Setting, key: str) -> Setting:
    """One key of an option that is a dict, such as `experimental_options`."""
    from snapdoctor.app.values import Mapping

    if outer.given is False:
        return outer
    if outer.given is True and isinstance(outer.raw, Mapping):
        value = outer.raw.entries.get(key)
        if value is None:
            return Setting(UNKNOWN, None, False, None, None) if outer.raw.open else Setting(None, False, False, None, None)
        return _setting(value, outer.raw.sites.get(key) or outer.site)
    if outer.given is True and outer.value is None:
        return Setting(None, False, False, None, None)
    return Setting(UNKNOWN, None, False, outer.site, None)


def _setting(value: Value, site: Site | None) -> Setting:
    found = [option for option in options(value) if option is not ABSENT]
    if not found:
        return Setting(None, False, False, None, None)
    if len(found) < sum(1 for _ in options(value)):
        known = constant(found[0]) if len(found) == 1 else UNKNOWN
        return Setting(known if known is not UNKNOWN else UNKNOWN, None, True, site, value)
    return Setting(constant(value), True, is_likely(value), site, value)
