import json
import os
import subprocess
import urllib.request

import modal

app = modal.App("shapes")
SNAPSHOT = {"gpu": "H100!", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
URL = "http://127.0.0.1:30000"


def command(saver=False, backup=False):
    words = ["python", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3-8B"]
    if saver:
        words.append("--enable-memory-saver")
    if backup:
        words.append("--enable-weights-cpu-backup")
    return words


def post(path, **body):
    request = urllib.request.Request(
        URL + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


@app.cls(**SNAPSHOT)
class ThroughHelpers:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(command(saver=True, backup=True))
        post("/release_memory_occupation")

    @modal.enter(snap=False)
    def wake(self):
        post("/resume_memory_occupation")


@app.cls(**SNAPSHOT)
class WithoutBackup:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(command(saver=True))  # expect: SNAP303
        post("/release_memory_occupation", tags=["kv_cache", "weights"])


@app.cls(**SNAPSHOT)
class CacheOnly:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(command(saver=True))
        post("/release_memory_occupation", tags=["kv_cache"])


@app.cls(**SNAPSHOT)
class LoadsAgain:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(command(saver=True))
        post("/release_memory_occupation")

    @modal.enter(snap=False)
    def wake(self):
        post("/resume_memory_occupation")
        post("/update_weights_from_disk", model_path="Qwen/Qwen3-8B")


@app.cls(**SNAPSHOT)
class Abbreviated:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen([*command(), "--enable-mem", "--enable-weights"])
        post("/release_memory_occupation")


@app.cls(**SNAPSHOT)
class UnknownHelperReleases:
    @modal.enter(snap=True)
    def start(self):
        from company_tools import release_engine

        self.server = subprocess.Popen(command(saver=True, backup=True))
        release_engine()


@app.cls(**SNAPSHOT)
class UnknownFlags:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(command() + os.environ["FLAGS"].split())


@app.cls(**SNAPSHOT)
class PythonEngine:
    @modal.enter(snap=True)
    def start(self):
        import sglang

        self.engine = sglang.Engine(model_path="Qwen/Qwen3-8B")  # expect: SNAP303
        self.engine.generate("warm up")


@app.cls(**SNAPSHOT)
class PythonEngineReleased:
    @modal.enter(snap=True)
    def start(self):
        import sglang

        self.engine = sglang.Engine(model_path="Qwen/Qwen3-8B", enable_memory_saver=True, enable_weights_cpu_backup=True)
        self.engine.generate("warm up")
        self.engine.release_memory_occupation()

    @modal.enter(snap=False)
    def wake(self):
        self.engine.resume_memory_occupation()


@app.cls(gpu="H100!", enable_memory_snapshot=True)
class AfterTheCpuSnapshot:
    @modal.enter()
    def start(self):
        self.server = subprocess.Popen(command())
