import subprocess

import modal
import requests

app = modal.App("serve")
URL = "http://127.0.0.1:8000"
COMMAND = ["python", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-8B", "--host", "0.0.0.0", "--port", "8000"]
COMMAND += ["--enable-memory-saver", "--enable-weights-cpu-backup"]


@app.cls(gpu="H100!", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Serve:
    @modal.enter(snap=True)
    def start(self):
        self.process = subprocess.Popen(COMMAND)
        requests.post(f"{URL}/release_memory_occupation", json={}, timeout=60).raise_for_status()

    @modal.enter(snap=False)
    def resume(self):
        requests.post(f"{URL}/resume_memory_occupation", json={}, timeout=60).raise_for_status()
