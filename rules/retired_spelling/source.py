"""Old Modal names, with what to write today (facts: modal client history up to 1.6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment

OPTIONS = {
    "checkpointing_enabled": ("enable_memory_snapshot", "removed in 2024"),
    "_experimental_enable_gpu_snapshot": ('experimental_options={"enable_gpu_snapshot": True}', "removed in 1.1.1"),
    "keep_warm": ("min_containers", "removed in 1.4.0"),
    "concurrency_limit": ("max_containers", "removed in 1.4.0"),
    "container_idle_timeout": ("scaledown_window", "removed in 1.4.0"),
    "allow_concurrent_inputs": ("@modal.concurrent(max_inputs=...)", "an error since 1.4.0"),
    "mount": ("Image.add_local_dir and its like", "removed in 1.0.0"),
    "mounts": ("Image.add_local_dir and its like", "removed in 1.0.0"),
}
NAMES = {
    "modal.Stub": ("modal.App", "gone since 1.0.0"),
    "modal.web_endpoint": ("modal.fastapi_endpoint", "an error when called"),
    "modal.build": ("a Volume, or Image.run_function", "removed in 1.1.0"),
    "modal.Image.copy_local_dir": ("Image.add_local_dir(..., copy=True)", "removed in 1.1.0"),
    "modal.Image.copy_local_file": ("Image.add_local_file(..., copy=True)", "removed in 1.1.0"),
    "modal.Image.copy_mount": ("Image.add_local_dir and its like", "removed in 1.1.0"),
    "modal.App._experimental_server": ("app.server", "gone since 1.5.2"),
}


def check(deployment: Deployment) -> Iterator[Hazard]:
    """Yield a hazard for every retired option of the deployment and every retired name its app uses."""
    for old, (new, fate) in OPTIONS.items():
        if old in deployment.options.keywords:
            yield _hazard(deployment.options.site(old) or deployment.site, f"{old}=", new, fate)._replace(subject=old)
    for hook in deployment.hooks:
        if "checkpoint" in hook.arguments.keywords:
            yield _hazard(hook.site, "enter(checkpoint=...)", "enter(snap=True)", "renamed in 2024")
    for name, _, site in deployment.app.uses:
        if name in NAMES:
            yield _hazard(site, name, *NAMES[name])._replace(subject=name)
        elif name.startswith("modal.gpu."):
            wanted = name.rpartition(".")[2].upper()
            yield _hazard(site, name, f'gpu="{wanted}" or gpu="{wanted}:2"', "removed from the client")
        elif name.startswith("modal.Mount"):
            yield _hazard(site, "modal.Mount", "Image.add_local_dir and its like", "removed in 1.0.0")


def _hazard(site: object, old: str, new: str, fate: str) -> Hazard:
    return Hazard(site, f"{old} is an old Modal name ({fate}): the app stops at import or deploy with today's client.", f"Write {new}.")  # type: ignore[arg-type]
