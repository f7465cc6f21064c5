import os
import subprocess

import modal

app = modal.App("shapes")
image = modal.Image.debian_slim().uv_pip_install("vllm==0.32.0")
SNAPSHOT = {"gpu": "H100!", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
URL = "http://127.0.0.1:8000"
SERVER = ["vllm", "serve", "Qwen/Qwen3-8B"]


def sleep(level=1):
    import requests

    requests.post(f"{URL}/sleep", params={"level": level}, timeout=60).raise_for_status()


@app.cls(image=image, **SNAPSHOT)
class DevModeOfTheChild:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--enable_sleep_mode"], env={**os.environ, "VLLM_SERVER_DEV_MODE": "1"})
        sleep()


@app.cls(image=image, **SNAPSHOT)
class SleepsInVain:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen(SERVER)  # expect: SNAP304
        sleep()


@app.cls(image=image, **SNAPSHOT)
class NeverAsked:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--enable-sleep-mode"])  # expect: SNAP304


@app.cls(image=image.env({"VLLM_SERVER_DEV_MODE": "1"}), **SNAPSHOT)
class TooDeep:
    @modal.enter(snap=True)
    def start(self):
        import requests

        subprocess.Popen([*SERVER, "--enable-sleep-mode"])
        requests.post(f"{URL}/sleep?level=2", timeout=60)  # expect: SNAP304


@app.cls(image=image.env({"VLLM_SERVER_DEV_MODE": "1"}), **SNAPSHOT)
class TooDeepButReloaded:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--enable-sleep-mode"])
        sleep(level=2)

    @modal.enter(snap=False)
    def wake(self):
        import requests

        requests.post(f"{URL}/wake_up?tags=weights", timeout=60)
        requests.post(f"{URL}/collective_rpc", json={"method": "reload_weights"}, timeout=60)
        requests.post(f"{URL}/wake_up?tags=kv_cache", timeout=60)


@app.cls(image=image, **SNAPSHOT)
class FromAFile:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--config", "/etc/vllm.yaml"])


@app.cls(image=modal.Image.from_name("company/vllm"), **SNAPSHOT)
class ImageUnknown:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--enable-sleep-mode"])
        sleep()


@app.cls(image=image, **SNAPSHOT)
class EngineArguments:
    @modal.enter(snap=True)
    def start(self):
        from vllm import AsyncEngineArgs, AsyncLLMEngine

        self.engine = AsyncLLMEngine.from_engine_args(AsyncEngineArgs(model="Qwen/Qwen3-8B"))  # expect: SNAP304


@app.cls(image=image, **SNAPSHOT)
class EngineArgumentsFromElsewhere:
    @modal.enter(snap=True)
    def start(self):
        from company_tools import engine_arguments
        from vllm import AsyncLLMEngine

        self.engine = AsyncLLMEngine.from_engine_args(engine_arguments())


@app.cls(image=image, **SNAPSHOT)
class OnRequest:
    @modal.method()
    def run(self, prompt: str):
        from vllm import LLM

        return LLM("Qwen/Qwen3-8B").generate(prompt)
