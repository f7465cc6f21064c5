"""Texts that it leaves in logs: what modal 1.6.4 says of each old name, recorded by using them all."""

from __future__ import annotations

from snapdoctor.logs.signature import CAUSE, Signature

RECORDED = "measured: modal 1.6.4, the name used in an app"
WHY = "The installed Modal client rejects this name, so the app does not deploy and there is nothing to snapshot."


def _renamed(old: str, new: str) -> Signature:
    return Signature(f"The '{old}' parameter", WHY, f"Write {new}.", RECORDED, also="DeprecationError", rank=CAUSE)


def _unknown(old: str, new: str) -> Signature:
    return Signature(f"got an unexpected keyword argument '{old}'", WHY, f"Write {new}.", RECORDED, rank=CAUSE)


def _gone(text: str, new: str) -> Signature:
    return Signature(text, WHY, f"Write {new}.", RECORDED, rank=CAUSE)


SIGNATURES = (
    _renamed("keep_warm", "min_containers="),
    _renamed("concurrency_limit", "max_containers="),
    _renamed("container_idle_timeout", "scaledown_window="),
    _renamed("allow_concurrent_inputs", "the decorator @modal.concurrent(max_inputs=...)"),
    _unknown("checkpointing_enabled", "enable_memory_snapshot=True"),
    _unknown("_experimental_enable_gpu_snapshot", 'experimental_options={"enable_gpu_snapshot": True}'),
    _unknown("checkpoint", "@modal.enter(snap=True)"),
    _gone("`@modal.web_endpoint` decorator has been renamed", "@modal.fastapi_endpoint"),
    _gone("Module 'modal' has no attribute 'Stub'", "modal.App"),
    _gone("module 'modal' has no attribute 'gpu'", 'the GPU as text, gpu="H100"'),
    _gone("module 'modal' has no attribute 'Mount'", "Image.add_local_dir, add_local_file or add_local_python_source"),
    _gone("module 'modal' has no attribute 'build'", "a Volume, or Image.run_function"),
    _gone("'Image' object has no attribute 'copy_local_dir'", "Image.add_local_dir"),
)
