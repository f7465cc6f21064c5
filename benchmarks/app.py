"""A clean app of about 150 lines: what the benchmarks lint."""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

import modal

MODEL_DIR = "/models/gemma"
MODEL_PATH = f"{MODEL_DIR}/gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf"
SERVER = "/app/llama-server"
GPU = "L40S"
CONTEXT = 65536
MINUTES = 60
PORT = 8080
URL = f"http://127.0.0.1:{PORT}"
WARM_UP_WORDS = (8, 128, 1024)

volume = modal.Volume.from_name("gemma", create_if_missing=True)
image = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b10900", add_python="3.12").entrypoint([])
download_image = modal.Image.debian_slim(python_version="3.12").pip_install("huggingface_hub==0.36.0")
web_image = modal.Image.debian_slim(python_version="3.12").pip_install("fastapi==0.128.0")
app = modal.App("benchmark")


@app.function(image=download_image, volumes={"/models": volume}, timeout=60 * MINUTES)
def download() -> None:
    """Fill the Volume."""
    from huggingface_hub import hf_hub_download

    hf_hub_download("unsloth/gemma-4-26B-A4B-it-GGUF", Path(MODEL_PATH).name, local_dir=MODEL_DIR)
    volume.commit()


def command() -> list[str]:
    """The server's command line."""
    words = [SERVER, "--model", MODEL_PATH, "--load-mode", "none"]
    words += ["--gpu-layers", "all", "--ctx-size", str(CONTEXT)]
    words.extend(["--parallel", "4", "--cache-ram", "0"])
    return [*words, "--host", "0.0.0.0", "--port", str(PORT)]


def post(path: str, body: dict) -> dict:
    """One request to the server."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5 * MINUTES) as answer:
        return json.load(answer)


class Waiting:
    """What every server needs."""

    process: subprocess.Popen

    def wait(self, seconds: int) -> None:
        """Wait until the server is ready."""
        for _ in range(seconds * 2):
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with code {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"{URL}/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.5)
        raise RuntimeError(f"the server was not ready after {seconds} s")

    @modal.exit()
    def stop(self) -> None:
        """End the child."""
        self.process.terminate()


@app.cls(
    image=image,
    gpu=GPU,
    volumes={"/models": volume},
    enable_memory_snapshot=True,
    experimental_options={"enable_gpu_snapshot": True},
    startup_timeout=20 * MINUTES,
    scaledown_window=5 * MINUTES,
)
@modal.concurrent(max_inputs=4)
class Server(Waiting):
    """An OpenAI-compatible server."""

    @modal.enter(snap=True)
    def start(self) -> None:
        """Start, wait, warm up."""
        if not Path(MODEL_PATH).is_file():
            raise RuntimeError(f"{MODEL_PATH} is missing")
        self.process = subprocess.Popen(command())
        self.wait(15 * MINUTES)
        for words in WARM_UP_WORDS:
            post("/completion", {"prompt": "hello " * words, "n_predict": 8})

    @modal.enter(snap=False)
    def check(self) -> None:
        """Check after the restore."""
        self.wait(60)

    @modal.method()
    def complete(self, prompt: str, tokens: int = 256) -> str:
        """One completion."""
        answer = post("/completion", {"prompt": prompt, "n_predict": tokens})
        return answer["content"].strip()

    @modal.method()
    def embed(self, texts: list[str]) -> list[list[float]]:
        """Embeddings of several texts."""
        found = []
        for text in texts:
            answer = post("/embedding", {"content": text})
            found.append(answer["embedding"])
        return found

    @modal.web_server(PORT, startup_timeout=5 * MINUTES)
    def serve(self) -> None:
        """The server is running already."""


@app.function(image=web_image, scaledown_window=5 * MINUTES)
@modal.asgi_app()
def gateway():
    """A small gateway without a GPU."""
    from fastapi import FastAPI

    web = FastAPI()

    @web.get("/status")
    def status() -> dict:
        return {"model": MODEL_PATH, "context": CONTEXT}

    @web.post("/complete")
    def complete(request: dict) -> dict:
        text = Server().complete.remote(request["prompt"], request.get("tokens", 256))
        return {"text": text}

    return web


@app.local_entrypoint()
def main(prompt: str = "Why do snapshots help?") -> None:
    """Ask once."""
    started = time.monotonic()
    print(Server().complete.remote(prompt))
    print(f"{time.monotonic() - started:.1f} s")
