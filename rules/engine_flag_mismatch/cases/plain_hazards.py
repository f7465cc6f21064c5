import subprocess

import modal
from llama_cpp import Llama

app = modal.App("serve")
NEW = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b11000", add_python="3.12")
FLOATING = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda", add_python="3.12")
OLD = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b8765", add_python="3.12")
SGLANG = modal.Image.from_registry("lmsysorg/sglang:v0.5.23-cu130-runtime")


@app.cls(gpu="L40S", image=NEW)
class Removed:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/m.gguf", "--no-mmap"])  # expect: SNAP302


@app.cls(gpu="L40S", image=FLOATING)
class Floating:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/m.gguf", "--no-mmap"])  # expect: SNAP302


@app.cls(gpu="L40S", image=OLD)
class TooOld:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/m.gguf", "--load-mode", "none"])  # expect: SNAP302


@app.cls(gpu="H100", image=SGLANG)
class Renamed:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(
            ["python", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-8B", "--cuda-graph-max-bs", "32"]  # expect: SNAP302
        )


@app.cls(gpu="L40S", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Swallowed:
    @modal.enter(snap=True)
    def load(self):
        self.llm = Llama("/m.gguf", n_gpu_layers=-1, no_mmap=True)  # expect: SNAP302
