import subprocess

import modal

app = modal.App("shapes")
SNAPSHOT = {"gpu": "H100!", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
GIB = 1024


@app.cls(
    memory=(4 * GIB, 16 * GIB),  # expect: SNAP306
    **SNAPSHOT,
)
class Server:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["vllm", "serve", "Qwen/Qwen3-32B", "--enable-sleep-mode"])


@app.cls(memory=(4 * GIB, 16 * GIB), **SNAPSHOT)
class QuantisedAtLoad:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["vllm", "serve", "Qwen/Qwen3-14B", "--quantization", "fp8", "--enable-sleep-mode"])


@app.cls(memory=(4 * GIB, 12 * GIB), **SNAPSHOT)
class QuantisedByName:
    @modal.enter(snap=True)
    def start(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/Qwen3-14B-Q4_K_M.gguf", n_gpu_layers=-1, use_mmap=False)


@app.cls(memory=(4 * GIB, 16 * GIB), **SNAPSHOT)
class StaysOnTheCpu:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-32B")


@app.cls(
    memory=(4 * GIB, 20 * GIB),  # expect: SNAP306
    **SNAPSHOT,
)
class TwoModels:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModelForCausalLM

        self.draft = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-4B").to("cuda")
        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B").to("cuda")


@app.cls(memory=(4 * GIB, 8 * GIB), **SNAPSHOT)
class AfterTheSnapshot:
    @modal.enter(snap=False)
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-32B", device_map="cuda")
