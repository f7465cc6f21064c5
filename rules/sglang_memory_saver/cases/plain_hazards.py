import subprocess

import modal
import requests

app = modal.App("serve")
URL = "http://127.0.0.1:8000"
GPU_SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
COMMAND = ["python", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-8B", "--host", "0.0.0.0", "--port", "8000"]


@app.cls(gpu="H100!", **GPU_SNAPSHOT)
class NoSaver:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(COMMAND)  # expect: SNAP303


@app.cls(gpu="H100!", **GPU_SNAPSHOT)
class NoBackup:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen([*COMMAND, "--enable-memory-saver"])  # expect: SNAP303
        requests.post(f"{URL}/release_memory_occupation", json={}, timeout=60).raise_for_status()


@app.cls(gpu="H100!", **GPU_SNAPSHOT)
class NeverReleased:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen([*COMMAND, "--enable-memory-saver", "--enable-weights-cpu-backup"])  # expect: SNAP303
