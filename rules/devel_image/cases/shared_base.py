"""One devel base under two images: needed by one of them, so right for both."""

import modal

base = modal.Image.from_registry("nvidia/cuda:12.4.1-devel-ubuntu22.04", add_python="3.12").pip_install("torch")
compiled = base.pip_install("flash-attn", extra_options="--no-build-isolation")
app = modal.App("shared")


@app.function(gpu="L4", image=base)
def plain():
    pass


@app.function(gpu="L4", image=compiled)
def fast():
    pass
