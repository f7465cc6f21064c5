import subprocess

import modal

app = modal.App("flags")
new = modal.Image.from_registry("lmsysorg/sglang:v0.5.23-cu130-runtime").entrypoint([])
middle = modal.Image.debian_slim().pip_install("sglang[all]==0.5.12")
first = modal.Image.debian_slim().pip_install("sglang==0.5.2")
open_end = modal.Image.debian_slim().pip_install("sglang")
SERVER = ["python", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-8B"]


@app.cls(image=new, gpu="H100!")
class Renamed:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--cuda-graph-max-bs=16"])  # expect: SNAP302


@app.cls(image=new, gpu="H100!")
class NewName:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--cuda-graph-max-bs-decode", "16", "--enable-memory-saver", "--enable-weights-cpu-backup"])


@app.cls(image=middle, gpu="H100!")
class NotRenamedYet:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--cuda-graph-max-bs", "16"])


@app.cls(image=open_end, gpu="H100!")
class VersionUnknown:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--cuda-graph-max-bs", "16"])


@app.cls(image=first, gpu="H100!")
class TooOld:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--enable-memory-saver", "--enable-weights-cpu-backup"])  # expect: SNAP302


@app.cls(image=middle, gpu="H100!")
class SwitchWithValue:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--enable-memory-saver=1"])  # expect: SNAP302


@app.cls(image=middle, gpu="H100!")
class Underscores:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--mem_fraction_static", "0.8"])  # expect: SNAP302


@app.cls(image=middle, gpu="H100!")
class NoSuchFlag:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--enable-cpu-backup"])  # expect: SNAP302


@app.cls(
    image=middle.env({"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}),  # expect: SNAP302
    gpu="H100!",
)
class Segments:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--enable-memory-saver"])


@app.cls(image=middle.env({"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}), gpu="H100!")
class SegmentsWithoutSaver:
    @modal.enter()
    def start(self):
        subprocess.Popen(SERVER)
