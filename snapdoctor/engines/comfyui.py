"""ComfyUI: one process of its own, or `comfy launch --background` (facts/engines.md F3)."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine, Option


def _main(script: str, arguments: tuple[str | None, ...]) -> bool:
    lowered = script.lower()
    return lowered.endswith("main.py") and ("comfy" in lowered or "--listen" in arguments)


ENGINE = Engine(
    name="comfyui",
    title="ComfyUI",
    repositories=("comfyanonymous/ComfyUI", "Comfy-Org/ComfyUI"),
    programs=("comfy launch",),
    tools=True,
    runs_script=_main,
    options=(Option(("--listen",), "host"), Option(("--port",), "port"), Option(("--disable-mmap",), switch=True)),
    default_host="127.0.0.1",
    default_port=8188,
    health_paths=("/system_stats", "/queue", "/object_info"),
    warmup_paths=("/prompt",),
    detaches=True,
    cpu_protocol=True,
)
