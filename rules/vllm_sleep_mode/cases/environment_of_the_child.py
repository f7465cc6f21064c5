import os
import subprocess

import modal

app = modal.App("environments")
image = modal.Image.debian_slim().uv_pip_install("vllm==0.32.0")
SNAPSHOT = {"gpu": "H100!", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
SERVER = ["vllm", "serve", "Qwen/Qwen3-8B", "--enable-sleep-mode"]


def sleep():
    import requests

    requests.post("http://127.0.0.1:8000/sleep?level=1", timeout=60).raise_for_status()


@app.cls(image=image, **SNAPSHOT)
class SetOnACopy:
    @modal.enter(snap=True)
    def start(self):
        environment = os.environ.copy()
        environment["VLLM_SERVER_DEV_MODE"] = "1"
        subprocess.Popen(SERVER, env=environment)
        sleep()


@app.cls(image=image, **SNAPSHOT)
class SetOnADict:
    @modal.enter(snap=True)
    def start(self):
        environment = dict(os.environ)
        environment.update({"VLLM_SERVER_DEV_MODE": "1"})
        subprocess.Popen(SERVER, env=environment)
        sleep()


@app.cls(image=image.env({"VLLM_SERVER_DEV_MODE": "1"}), **SNAPSHOT)
class CopiedFromTheImage:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen(SERVER, env=os.environ.copy())
        sleep()


@app.cls(image=image.env({"VLLM_SERVER_DEV_MODE": "1"}), **SNAPSHOT)
class NotHandedOn:
    @modal.enter(snap=True)
    def start(self):
        import requests

        subprocess.Popen(SERVER, env={"PATH": "/usr/bin"})
        requests.post("http://127.0.0.1:8000/sleep?level=1", timeout=60).raise_for_status()  # expect: SNAP304
