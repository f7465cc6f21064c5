import subprocess

import modal
from llama_cpp import Llama

app = modal.App("serve")
image = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b11000", add_python="3.12")


@app.cls(gpu="L40S", image=image, enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Server:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["/app/llama-server", "-m", "/models/gemma.gguf", "--port", "8080"])  # expect: SNAP301


@app.cls(gpu="L40S", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class InProcess:
    @modal.enter(snap=True)
    def load(self):
        self.llm = Llama(model_path="/models/glm.gguf", n_gpu_layers=-1)  # expect: SNAP301


@app.cls(gpu="L40S", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class PythonServer:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["python", "-m", "llama_cpp.server", "--model", "/models/glm.gguf"])  # expect: SNAP301
