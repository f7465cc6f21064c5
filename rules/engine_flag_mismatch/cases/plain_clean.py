import subprocess

import modal
from llama_cpp import Llama

app = modal.App("serve")
NEW = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b11000", add_python="3.12")
OLD = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b8765", add_python="3.12")


@app.cls(gpu="L40S", image=NEW)
class Today:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/m.gguf", "--load-mode", "none"])


@app.cls(gpu="L40S", image=OLD)
class Pinned:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/m.gguf", "--no-mmap"])


@app.cls(gpu="L40S")
class InProcess:
    @modal.enter()
    def load(self):
        self.llm = Llama("/m.gguf", n_gpu_layers=-1, use_mmap=False)
