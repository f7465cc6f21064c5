import subprocess

import modal
from llama_cpp import Llama

app = modal.App("serve")
NEW = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b11000", add_python="3.12")
OLD = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b8765", add_python="3.12")
SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
command = ["/app/llama-server", "-m", "/models/gemma.gguf"]


@app.cls(gpu="L40S", image=NEW, **SNAPSHOT)
class Today:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen([*command, "--load-mode", "none"])


@app.cls(gpu="L40S", image=OLD, **SNAPSHOT)
class PinnedOld:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(command + ["--no-mmap"])


@app.cls(gpu="L40S", **SNAPSHOT)
class InProcess:
    @modal.enter(snap=True)
    def load(self):
        self.llm = Llama(model_path="/models/glm.gguf", n_gpu_layers=-1, use_mmap=False)


@app.cls(gpu="L40S")
class NoSnapshot:
    @modal.enter()
    def load(self):
        self.llm = Llama(model_path="/models/glm.gguf", n_gpu_layers=-1)
