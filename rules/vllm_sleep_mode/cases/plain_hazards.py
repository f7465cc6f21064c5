import subprocess

import modal
import requests
import vllm

app = modal.App("serve")
URL = "http://127.0.0.1:8000"
GPU_SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(gpu="H100", **GPU_SNAPSHOT)
class NoSleepMode:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", "Qwen/Qwen3-8B"])  # expect: SNAP304
        requests.get(f"{URL}/health", timeout=600)


@app.cls(gpu="H100", **GPU_SNAPSHOT)
class NoDevMode:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", "Qwen/Qwen3-8B", "--enable-sleep-mode"])
        requests.post(f"{URL}/sleep?level=1", timeout=60).raise_for_status()  # expect: SNAP304


@app.cls(gpu="H100", **GPU_SNAPSHOT)
class InProcess:
    @modal.enter(snap=True)
    def load(self):
        self.llm = vllm.LLM("Qwen/Qwen3-8B")  # expect: SNAP304
