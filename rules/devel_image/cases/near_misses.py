"""Recipes on a devel base that do compile, or may."""

import subprocess

import modal

CUDA = "12.4.1"
FLAVOR = "devel"
base = modal.Image.from_registry(f"nvidia/cuda:{CUDA}-{FLAVOR}-ubuntu22.04", add_python="3.12")

with_tools = base.apt_install("git", "build-essential").pip_install("torch")
with_cmake = base.run_commands("git clone https://github.com/ggml-org/llama.cpp /src", "cmake -S /src -B /src/build -DGGML_CUDA=ON")
from_git = base.pip_install("git+https://github.com/org/cuda-kernels.git")
unknown = base.run_commands("bash /root/install.sh")


def compile_kernels():
    subprocess.run(["nvcc", "--version"], check=True)


built = base.pip_install("torch").run_function(compile_kernels, gpu="H100")
vendor = modal.Image.from_registry("lmsysorg/sglang:dev-cu12").pip_install("requests")
app = modal.App("near-misses")


@app.function(gpu="L4", image=with_tools)
def one():
    pass


@app.function(gpu="L4", image=with_cmake)
def two():
    pass


@app.function(gpu="L4", image=from_git)
def three():
    pass


@app.function(gpu="L4", image=unknown)
def four():
    pass


@app.function(gpu="L4", image=built)
def five():
    pass


@app.function(gpu="L4", image=vendor)
def six():
    pass
