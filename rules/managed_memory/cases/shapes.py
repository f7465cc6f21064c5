import os
import subprocess

import modal

app = modal.App("shapes")
SNAPSHOT = {"gpu": "L4", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(**SNAPSHOT)
class InTheHook:
    @modal.enter(snap=True)
    def load(self):
        os.environ["GGML_CUDA_ENABLE_UNIFIED_MEMORY"] = "0"  # expect: SNAP305
        from llama_cpp import Llama

        self.llm = Llama(model_path="/models/a.gguf", n_gpu_layers=-1, use_mmap=False)

    @modal.method()
    def ask(self, text: str):
        return self.llm(text)


@app.cls(**SNAPSHOT)
class InTheChild:
    @modal.enter(snap=True)
    def load(self):
        subprocess.Popen(
            ["ollama", "serve"],
            env={**os.environ, "GGML_CUDA_ENABLE_UNIFIED_MEMORY": "1"},  # expect: SNAP305
        )

    @modal.method()
    def ask(self, text: str):
        return text


@app.cls(**SNAPSHOT)
class NoEngine:
    @modal.enter(snap=True)
    def load(self):
        os.environ["GGML_CUDA_ENABLE_UNIFIED_MEMORY_NOTE"] = "unrelated"
        from numba import cuda

        self.buffer = cuda.managed_array(1024)  # expect: SNAP305
        self.pinned = cuda.pinned_array(1024)

    @modal.method()
    def ask(self, text: str):
        return text


@app.cls(**SNAPSHOT)
class UnderACondition:
    @modal.enter(snap=True)
    def load(self):
        from numba import cuda

        if os.environ["BIG"] == "1":
            self.buffer = cuda.managed_array(1024)

    @modal.method()
    def ask(self, text: str):
        return text
