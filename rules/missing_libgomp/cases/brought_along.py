"""Bare bases where something else brings the library, or may."""

import modal

base = modal.Image.from_registry("nvidia/cuda:12.4.1-runtime-ubuntu22.04", add_python="3.12")
devel = modal.Image.from_registry("nvidia/cuda:12.4.1-devel-ubuntu22.04", add_python="3.12").pip_install("llama-cpp-python")
with_ffmpeg = base.apt_install("ffmpeg").pip_install("llama-cpp-python")
with_gcc = base.apt_install("gcc", "g++").pip_install("llama-cpp-python")
by_command = base.run_commands("apt-get update && apt-get install -y --no-install-recommends libgomp1").pip_install("llama-cpp-python")
by_script = base.run_commands("bash /root/setup.sh").pip_install("llama-cpp-python")
EXTRA = __import__("os").environ.get("EXTRA")
unknown = base.apt_install(EXTRA).pip_install("llama-cpp-python")
other = base.pip_install("vllm")
app = modal.App("brought-along")


@app.function(image=devel)
def one():
    pass


@app.function(image=with_ffmpeg)
def two():
    pass


@app.function(image=with_gcc)
def three():
    pass


@app.function(image=by_command)
def four():
    pass


@app.function(image=by_script)
def five():
    pass


@app.function(image=unknown)
def six():
    pass


@app.function(image=other)
def seven():
    pass
