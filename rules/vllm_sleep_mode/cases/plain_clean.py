import subprocess

import modal
import requests
import vllm

app = modal.App("serve")
URL = "http://127.0.0.1:8000"
GPU_SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
image = modal.Image.debian_slim().pip_install("vllm").env({"VLLM_SERVER_DEV_MODE": "1"})


@app.cls(gpu="H100", image=image, **GPU_SNAPSHOT)
class Serve:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(["vllm", "serve", "Qwen/Qwen3-8B", "--enable-sleep-mode"])
        requests.post(f"{URL}/sleep?level=1", timeout=60).raise_for_status()


def engine_options():
    return {"model": "Qwen/Qwen3-8B", "enable_sleep_mode": True}


@app.cls(gpu="H100", **GPU_SNAPSHOT)
class InProcess:
    @modal.enter(snap=True)
    def load(self):
        self.llm = vllm.LLM(**engine_options())
        self.llm.generate("warm up")
        self.llm.sleep(level=1)

    @modal.enter(snap=False)
    def wake(self):
        self.llm.wake_up()
