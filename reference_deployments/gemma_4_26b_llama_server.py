"""Gemma 4 26B-A4B (GGUF) on llama-server: a child process, waited for, warmed up, mapping off.

modal run gemma_4_26b_llama_server.py::download
modal deploy gemma_4_26b_llama_server.py
"""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

import modal

# Everything that names the model stands here.
MODEL_REPO = "unsloth/gemma-4-26B-A4B-it-GGUF"
MODEL_FILE = "gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf"
MODEL_DIR = "/models/gemma-4-26b"
MODEL_PATH = f"{MODEL_DIR}/{MODEL_FILE}"
SERVER = "/app/llama-server"
GPU = "L40S"
CONTEXT = 65536

MINUTES = 60
PORT = 8080
URL = f"http://127.0.0.1:{PORT}"
WARM_UP_WORDS = (8, 128, 1024)

volume = modal.Volume.from_name("gemma-4-26b-gguf", create_if_missing=True)

# Pinned to a build: from b10884 on --no-mmap is refused and --load-mode none is its name. This image brings its own libraries.
image = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda-b10900", add_python="3.12").entrypoint([])
download_image = modal.Image.debian_slim(python_version="3.12").pip_install("huggingface_hub==0.36.0")

app = modal.App("gemma-4-26b")


@app.function(image=download_image, volumes={"/models": volume}, timeout=60 * MINUTES)
def download() -> None:
    """Copy the weights to the Volume, once."""
    from huggingface_hub import hf_hub_download

    hf_hub_download(MODEL_REPO, MODEL_FILE, local_dir=MODEL_DIR)
    volume.commit()


@app.cls(
    image=image,
    gpu=GPU,
    volumes={"/models": volume},
    enable_memory_snapshot=True,
    experimental_options={"enable_gpu_snapshot": True},  # without this only CPU memory is captured
    startup_timeout=20 * MINUTES,  # the start that makes the snapshot is the slow one
    scaledown_window=5 * MINUTES,  # a container that stays is better than any cold start
)
@modal.concurrent(max_inputs=4)
class Server:
    """An OpenAI-compatible server."""

    @modal.enter(snap=True)
    def start(self) -> None:
        """Start, wait and warm up before the snapshot: the child is captured with the whole process tree."""
        if not Path(MODEL_PATH).is_file():
            raise RuntimeError(f"{MODEL_PATH} is missing: run `modal run {Path(__file__).name}::download` first")
        self.process = subprocess.Popen(
            [
                SERVER,
                "--model", MODEL_PATH,
                "--load-mode", "none",  # a mapped file would tie every restore to that file, unchanged
                "--gpu-layers", "all",
                "--ctx-size", str(CONTEXT),
                "--parallel", "4",
                "--cache-ram", "0",  # a prompt cache in host memory would only make the snapshot larger
                "--host", "0.0.0.0",  # Modal looks for the port on the external interface
                "--port", str(PORT),
            ]
        )  # fmt: skip
        self.wait(15 * MINUTES)
        for words in WARM_UP_WORDS:  # prompts of other lengths use other kernels
            self.post("/completion", {"prompt": "hello " * words, "n_predict": 8})

    @modal.enter(snap=False)
    def check(self) -> None:
        """After the restore the server must answer as it is; it is never started again here."""
        self.wait(60)

    def wait(self, seconds: int) -> None:
        """Wait for /health: llama-server opens its port before it has loaded the model."""
        for _ in range(seconds * 2):
            if self.process.poll() is not None:
                raise RuntimeError(f"llama-server ended with code {self.process.returncode}; its message stands above")
            try:
                with urllib.request.urlopen(f"{URL}/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.5)
        raise RuntimeError(f"llama-server was not ready after {seconds} s")

    def post(self, path: str, body: dict) -> dict:
        """One request to the server; raises when it is refused."""
        request = urllib.request.Request(f"{URL}{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5 * MINUTES) as answer:
            return json.load(answer)

    @modal.web_server(PORT, startup_timeout=5 * MINUTES)
    def serve(self) -> None:
        """The server is running already; what stood here would run after the snapshot."""

    @modal.exit()
    def stop(self) -> None:
        """End the child with the container."""
        self.process.terminate()
