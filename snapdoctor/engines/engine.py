"""What an inference engine is to snapdoctor: how it is launched, what it maps, its snapshot protocol. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from snapdoctor.app.values import Arguments, Item, Value


CHAT = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings")
"""The routes of OpenAI's and Anthropic's interfaces, which most engines serve."""


class Launch(NamedTuple):
    """A child process as far as its command is known."""

    program: str | None
    """Base name of the executable (`llama-server`, `python`), or None."""
    argv: tuple[Item, ...]
    """Arguments in order (program first); `Spread` marks what differs by branch or is unknown."""
    open: bool
    """More arguments may come from what could not be read."""
    environment: Value | None
    """The `env=` argument; None: the parent's environment."""
    engine: str | None
    """Name of the engine that recognised it (`llama-server`, `sglang`), or None."""
    waits: bool
    """The call returns only after the process has ended (`subprocess.run`, `os.system`)."""
    shell: bool
    output: Value | None = None
    """The `stdout=` argument."""


class Load(NamedTuple):
    """A model loaded in process."""

    engine: str
    """Name of the engine (`diffusers`, `llama-cpp-python`, `vllm`, ...)."""
    model: str | None
    """Model id or path, unknown pieces as `\\0`."""
    arguments: Arguments
    child: bool
    """The engine's Python API itself keeps the GPU in a child process (SGLang; vLLM V1)."""


class Flag(NamedTuple):
    """What a command line says about one option."""

    present: bool | None
    """True: surely there; False: surely not; None: unknown or in one branch only."""
    value: str | None
    """The value given with it, if known."""


class Option(NamedTuple):
    """One option of an engine's command line, and the versions that have it."""

    names: tuple[str, ...]
    role: str = ""
    """What it is for, where a rule asks: `model`, `host`, `port`, `key`, `no-warm-up`, `config`; else empty."""
    switch: bool = False
    """It takes no value."""
    shortest: str | None = None
    """The shortest abbreviation that still means this one, where the parser takes abbreviations."""
    since: tuple[str, ...] = ()
    """Versions (a release, a build, or both) from which on it surely exists; empty: as long as anyone remembers."""
    absent_below: tuple[str, ...] = ()
    """Versions below which it surely does not exist, where that is not `since`."""
    until: tuple[str, ...] = ()
    """First versions without it; `("0",)`: it never existed."""
    replacement: str = ""
    """What says the same where it does not exist; empty: nothing does."""
    remedy: str = ""
    """What to type there, a sentence; empty: write the replacement."""
    warn_unpinned: bool = False
    """So many builds lack it by now that it is worth a warning where nothing pins the version."""
    why: str = ""
    """How the engine answers there, without full stop; `{name}` is the option, `{version}` the engine with its version."""


class Spelling(NamedTuple):
    """What an engine's argument parser accepts."""

    equals: bool = True
    """`--name=value` is understood."""
    underscores: str = "kept"
    """`same`: `--a_b` is `--a-b`; `rejected`: no option has one; `kept`: they belong to the name."""


class Engine(NamedTuple):
    """One engine's facts; each module of this package that knows an engine holds one as `ENGINE`."""

    name: str
    title: str
    """As people write it: `llama-server`, `SGLang`."""
    package: str | None = None
    """The Python package whose version is its version."""
    images: tuple[str, ...] = ()
    """Regular expressions over image tags; the first group is the version, which is empty where the tag floats."""
    repositories: tuple[str, ...] = ()
    """`owner/name` of its source, as git clones and `pip install git+` spell it."""

    programs: tuple[str, ...] = ()
    """Base names of its executables, with the subcommand that makes it a launch where one does (`vllm serve`)."""
    one_shot: tuple[str, ...] = ()
    """Those of its executables that load a model and serve nobody."""
    tools: bool = False
    """Its other subcommands are helpers that hold no model (`ollama pull`)."""
    model_follows: str = ""
    """The word after which the model stands without an option (`serve`)."""
    servers: tuple[str, ...] = ()
    """Modules that `python -m` starts it by."""
    runs_script: Callable[[str, tuple[str | None, ...]], bool] | None = None
    """Whether `python SCRIPT ARGUMENTS` is a launch."""
    options: tuple[Option, ...] = ()
    spelling: Spelling = Spelling()
    valued: tuple[str, ...] = ()
    """Further options that take a value, so that an unknown word behind one is known to be no option."""

    loads: tuple[str, ...] = ()
    """Dotted callables that load a model in process (`llama_cpp.Llama`); one `*` stands for anything."""
    device: str | None = None
    """Where a load puts its model when not told: `cuda`, `cpu`, `auto` (by availability), None: unknown."""
    own_device: Callable[[Arguments], str | None] | None = None
    """The device a load call says in the engine's own words; overrules every other reading."""
    child: bool = False
    """Its Python API keeps the GPU in a child process."""
    calls: tuple[str, ...] = ()
    """Method names of a loaded object that run inference (`generate`, `encode`); `__call__` for calling it."""
    controls: tuple[tuple[str, str], ...] = ()
    """(method, purpose) of a loaded object's sleep, wake, release and resume."""
    bare_names: bool = False
    """It fetches models by names without an organisation (`large-v3`)."""

    default_host: str | None = None
    """Where its server listens when not told."""
    default_port: int | None = None
    host_variable: str | None = None
    """The environment variable that says where to listen; a host or `host:port`."""
    health_paths: tuple[str, ...] = ()
    warmup_paths: tuple[str, ...] = ()
    sleep_paths: tuple[str, ...] = ()
    wake_paths: tuple[str, ...] = ()
    release_paths: tuple[str, ...] = ()
    resume_paths: tuple[str, ...] = ()

    warm_up: str = ""
    """A call that runs a small inference, with `{model}` for the loaded object and `words` for a number of words."""
    warm_up_request: tuple[str, str] | None = None
    """Path and JSON body (as Python source, `words` a number of words) of a small request to its server."""

    marks: tuple[tuple[str, str], ...] = ()
    """(piece, role): what the command lines or rewritten titles of its processes hold, and what such a process does."""
    libraries: tuple[str, ...] = ()
    """How the names of shared libraries begin that a process maps when it runs the engine itself."""
    underlies: bool = False
    """Other engines stand on it: its libraries alone say least."""
    model_variables: tuple[str, ...] = ()
    """The environment variables that name a model; a server started with neither option nor variable is a router, which holds none."""
    child_variable: str = ""
    """The environment variable that a router gives to the servers that it starts."""

    maps: bool = False
    """Part of the model file stays mapped after a load to the GPU, unless told otherwise."""
    safetensors: bool = False
    """It reads safetensors, whose tensors stay mapped as long as they are on the CPU in the file's own dtype."""
    ggml: bool = False
    """llama.cpp does the work, whoever started it."""
    language: bool = False
    """It runs language models, whose kernels differ by prompt length."""
    samples: bool = False
    """Its output comes from this process's own random generators."""
    listens_early: bool = False
    """Its port is open before its model is loaded."""
    lazy_child: bool = False
    """The process that holds the model starts at the first request."""
    detaches: bool = False
    """Its launcher returns while the server goes on in the background."""
    guards_controls: bool = False
    """With an API key set, its sleep and release routes demand the key too."""
    snapshot_protocol: bool = False
    """It has a sleep or release step made for snapshots."""
    cpu_protocol: bool = False
    """It can be captured on the CPU and moved to the GPU after the restore, by a step of its own."""
    proven_child: bool = False
    """Restores of it as a child process have been measured without any step of its own."""

    def option(self, name: str) -> Option | None:
        """The option of this spelling."""
        return next((option for option in self.options if name in option.names), None)

    def names(self, role: str) -> tuple[str, ...]:
        """Every spelling of the options of this role."""
        return tuple(name for option in self.options if option.role == role for name in option.names)
