"""A package that the check does not know may depend on one that compiles."""

import modal

image = modal.Image.from_registry("nvidia/cuda:12.9.1-devel-ubuntu22.04", add_python="3.11").uv_pip_install("torch", "some-speech-enhancer")
app = modal.App("unknown", image=image)


@app.function(gpu="T4")
def run():
    pass
